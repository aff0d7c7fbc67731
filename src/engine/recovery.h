#pragma once

#include "engine/state.h"

namespace ferry::engine {

// Names of rows in the settings table. Stored: never change them.
inline constexpr std::string_view kPausedSetting = "paused";
inline constexpr std::string_view kLastTenantSetting = "last_tenant";
inline constexpr std::string_view kUsageSettingPrefix = "usage/";

// The row of a tenant's daily usage.
std::string usage_setting(TenantId tenant);

// Builds the memory of an engine from its store: catalogue, pauses, lanes that hold rows,
// deduplication filters. Reads tables only, lists nothing and counts nothing; due rows follow by
// loads.
Result<void> recover_state(Engine::State& state, TimePoint now);

}  // namespace ferry::engine
