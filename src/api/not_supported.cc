#include "api/not_supported.h"

#include "api/answers.h"

namespace ferry::api {

Awaitable<Answered> not_supported_yet(Call call) {
  co_return fail(ErrorCode::kNotSupportedYet, std::string(call.missing));
}

Awaitable<Answered> empty_list(Call) { co_return json_answer("[]"); }

}  // namespace ferry::api
