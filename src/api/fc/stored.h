#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/engine_link.h"
#include "api/fc/call.h"
#include "domain/function.h"
#include "engine/protocol.h"

// Functions and services as the engine holds them: read, and changed as wholes.

namespace ferry::api::fc {

// kFunctionNotFound, or kServiceNotFound where it is the service that there is none of.
Awaitable<Checked<FunctionPtr>> read_function(const Call& call, const Address& address);
Awaitable<Checked<ServicePtr>> read_service(const Call& call, const std::string& name);

// All of the tenant, by name.
Awaitable<Checked<std::vector<FunctionPtr>>> read_functions(const Call& call);
Awaitable<Checked<std::vector<ServicePtr>>> read_services(const Call& call);

// Puts one where there is none of its name: kConcurrentUpdate when there is.
Awaitable<Checked<void>> save_new(const Call& call, FunctionPtr function);
Awaitable<Checked<void>> save_new(const Call& call, ServicePtr service);

// Reads, lets `change` have its way, and saves, again when another call came in between. What
// `change` fails with is the answer. Gives what was saved.
using FunctionChange = std::function<Checked<void>(Function& function)>;
using ServiceChange = std::function<Checked<void>(Service& service)>;
Awaitable<Checked<FunctionPtr>> change_function(const Call& call, Address address,
                                                FunctionChange change);
Awaitable<Checked<ServicePtr>> change_service(const Call& call, std::string name,
                                              ServiceChange change);

// Removes it; what `fault` says when there is none.
Awaitable<Checked<void>> drop(const Call& call, ResourceKind kind, std::string name, Fault fault);

}  // namespace ferry::api::fc
