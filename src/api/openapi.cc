#include "api/openapi.h"

#include <string>

#include "api/answers.h"

namespace ferry::api {

Awaitable<Answered> openapi(Call) { co_return json_answer(std::string(openapi_document())); }

}  // namespace ferry::api
