#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "store/store.h"

// What every backend must do, as tests. A backend's own test file names itself to the suite:
//
//   INSTANTIATE_TEST_SUITE_P(Disk, StoreConformance, testing::Values(disk_harness()),
//   harness_name);
//
// The tests stand in store_conformance*.cc and are linked with it.

namespace ferry::store {

// How the suite makes and restarts a store. Each open_fresh gives a store without rows that shares
// nothing with earlier ones, which may still live; only the latest one is ever restarted.
struct Harness {
  using Restart = std::function<std::unique_ptr<Store>(std::unique_ptr<Store>)>;

  std::string name;
  std::function<std::unique_ptr<Store>()> open_fresh;
  Restart reopen;  // ends the store cleanly and starts one on its data; null: not durable
  Restart crash;   // the same without a clean end: only what commit promised is there
};

inline void PrintTo(const Harness& harness, std::ostream* out) { *out << harness.name; }

inline std::string harness_name(const testing::TestParamInfo<Harness>& info) {
  return info.param.name;
}

class StoreConformance : public testing::TestWithParam<Harness> {
 protected:
  void SetUp() override;

  Store& store() { return *store_; }

  // Commits one write-set and expects it to work.
  Position commit(WriteSet set);

  // The value, after expecting that there is one.
  template <class T>
  static T get(Result<T> result) {
    if (result) return std::move(*result);
    ADD_FAILURE() << result.error().text;
    return T{};
  }

  // Runs the checks now, then after a restart and after a crash when the store has them.
  void in_every_life(const std::function<void()>& check);

  void reopen();  // nothing for a store that is not durable
  void crash();   // likewise

 private:
  std::unique_ptr<Store> store_;
};

}  // namespace ferry::store
