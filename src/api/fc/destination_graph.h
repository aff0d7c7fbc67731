#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/function.h"

namespace ferry::api::fc {

// Which function invokes which by its destinations (contract section 7, layer 1). A node is a
// function with a qualifier; success and failure are edges alike. An HTTP destination is an edge
// when it is the invocation of a function at `own_authority`, the host that clients call us by.
class DestinationGraph {
 public:
  DestinationGraph(const std::vector<FunctionPtr>& functions, std::string own_authority);

  // The edges of one configuration, in the place of those it had.
  void put(std::string_view function, const AsyncConfig& config);
  // Whether its results lead back to it.
  bool is_loop(std::string_view function, std::string_view qualifier) const;

 private:
  std::string own_authority_;
  std::map<std::string, std::vector<std::string>> edges_;
};

}  // namespace ferry::api::fc
