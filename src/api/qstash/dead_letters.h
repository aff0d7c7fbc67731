#pragma once

#include "api/call.h"

// The dead-letter queue (contract section 11). The bulk calls take explicit dlqIds, or filters and
// a count: then one page is carried out and a cursor tells that more match.

namespace ferry::api {

Awaitable<Answered> list_dead_letters(Call call);
Awaitable<Answered> get_dead_letter(Call call);

// {"deleted":1}; 404 when it is not there.
Awaitable<Answered> delete_dead_letter(Call call);
// {"deleted":N}, with "cursor" only for filters.
Awaitable<Answered> delete_dead_letters(Call call);

// 201 {"messageId":…}: published anew with the call's options over its own; 404 when it is not
// there.
Awaitable<Answered> retry_dead_letter(Call call);
// 201 {"responses":[{"messageId":…},…]}, with "cursor" only for filters; unknown ids are skipped.
Awaitable<Answered> retry_dead_letters(Call call);

}  // namespace ferry::api
