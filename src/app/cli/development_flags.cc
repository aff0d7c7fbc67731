#include "app/cli/development_flags.h"

#include <string_view>

namespace ferry::app::cli {

std::vector<std::string> rewrite_development_flags(std::vector<std::string> arguments) {
  for (std::string& argument : arguments) {
    for (const std::string_view flag : {"-port", "-log-port", "-quota"}) {
      const std::string_view name = std::string_view(argument).substr(0, argument.find('='));
      if (name == flag) argument.insert(0, "-");
    }
  }
  return arguments;
}

}  // namespace ferry::app::cli
