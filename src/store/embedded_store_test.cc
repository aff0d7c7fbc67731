#include "store/embedded_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <list>

#include "store/data_folder.h"
#include "store/store_conformance.h"
#include "store/test_folder.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

EmbeddedOptions small_options(const std::filesystem::path& folder) {
  EmbeddedOptions options;
  options.folder = folder;
  options.segment_bytes = 1u << 20;
  options.journal_bytes_max = 16u << 20;
  options.disk_free_bytes_min = 0;
  options.apply_interval = Duration(1);
  return options;
}

Metrics& shared_metrics() {
  static Metrics metrics;
  return metrics;
}

std::unique_ptr<EmbeddedStore> open(EmbeddedOptions options) {
  auto store = EmbeddedStore::open(std::move(options), shared_metrics());
  if (!store) {
    ADD_FAILURE() << store.error().text;
    return nullptr;
  }
  return std::move(*store);
}

// A store in a folder of its own. With threads of its own it restarts cleanly only. Stepped, it stands
// still while the folder is copied, and the copy is what a crash leaves behind: of what was committed
// the tables have some runs, the journal all.
class FolderHarness {
 public:
  FolderHarness(bool run_applier, std::size_t run_rows_max)
      : run_applier_(run_applier), run_rows_max_(run_rows_max) {}

  std::unique_ptr<Store> open_fresh() {
    folders_.emplace_back();
    return open_store();
  }
  std::unique_ptr<Store> reopen(std::unique_ptr<Store> store) {
    store.reset();
    return open_store();
  }
  std::unique_ptr<Store> crash(std::unique_ptr<Store> store) {
    auto& embedded = dynamic_cast<EmbeddedStore&>(*store);
    EXPECT_TRUE(embedded.apply_some(++crashes_ % 4));
    if (crashes_ % 3 == 0) EXPECT_TRUE(embedded.checkpoint());
    const std::filesystem::path before = folders_.back().path();
    folders_.emplace_back();
    std::filesystem::copy(before, folders_.back().path(), std::filesystem::copy_options::recursive);
    store.reset();
    return open_store();
  }

 private:
  std::unique_ptr<Store> open_store() {
    EmbeddedOptions options = small_options(folders_.back().path());
    options.run_applier = run_applier_;
    options.run_rows_max = run_rows_max_;
    return open(std::move(options));
  }

  const bool run_applier_;
  const std::size_t run_rows_max_;
  std::size_t crashes_ = 0;
  std::list<TestFolder> folders_;  // of all stores: one may still be open when the next is made
};

Harness embedded_harness(std::string name, bool run_applier, std::size_t run_rows_max) {
  auto folder = std::make_shared<FolderHarness>(run_applier, run_rows_max);
  using StorePtr = std::unique_ptr<Store>;
  Harness harness{.name = std::move(name),
                  .open_fresh = [folder] { return folder->open_fresh(); },
                  .reopen = [folder](StorePtr store) { return folder->reopen(std::move(store)); },
                  .crash = nullptr};
  if (!run_applier) {
    harness.crash = [folder](StorePtr store) { return folder->crash(std::move(store)); };
  }
  return harness;
}

}  // namespace

// Runs of one row net nothing out, large ones all they can.
INSTANTIATE_TEST_SUITE_P(Embedded, StoreConformance,
                         testing::Values(embedded_harness("embedded", true, 16'384),
                                         embedded_harness("embedded_stepped", false, 64),
                                         embedded_harness("embedded_small_runs", false, 1)),
                         harness_name);

}  // namespace ferry::store
