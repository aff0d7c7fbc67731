#pragma once

#include <filesystem>

#include "base/result.h"

namespace ferry::app::cli {

// When root looks into a data folder of another user, goes on as that user: a file made by root
// would lock the server out of its own folder. kStoreIo when the system refuses.
Result<void> act_as_owner_of(const std::filesystem::path& folder);

}  // namespace ferry::app::cli
