#include "store/embedded_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

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

// A store in a folder of its own. After a crash it goes on in a copy of the folder, taken while the
// store was open: what another process would find had this one been killed.
class FolderHarness {
 public:
  FolderHarness(bool run_applier, std::size_t run_rows_max)
      : run_applier_(run_applier), run_rows_max_(run_rows_max) {}

  std::unique_ptr<Store> open_fresh() {
    folder_ = std::make_unique<TestFolder>();
    return open_store();
  }
  std::unique_ptr<Store> reopen(std::unique_ptr<Store> store) {
    store.reset();
    return open_store();
  }
  std::unique_ptr<Store> crash(std::unique_ptr<Store> store) {
    auto copy = std::make_unique<TestFolder>();
    std::filesystem::copy(folder_->path(), copy->path(), std::filesystem::copy_options::recursive);
    store.reset();
    folder_ = std::move(copy);
    return open_store();
  }

 private:
  std::unique_ptr<Store> open_store() {
    EmbeddedOptions options = small_options(folder_->path());
    options.run_applier = run_applier_;
    options.run_rows_max = run_rows_max_;
    return open(std::move(options));
  }

  const bool run_applier_;
  const std::size_t run_rows_max_;
  std::unique_ptr<TestFolder> folder_;
};

Harness embedded_harness(std::string name, bool run_applier, std::size_t run_rows_max) {
  auto folder = std::make_shared<FolderHarness>(run_applier, run_rows_max);
  using StorePtr = std::unique_ptr<Store>;
  return {.name = std::move(name),
          .open_fresh = [folder] { return folder->open_fresh(); },
          .reopen = [folder](StorePtr store) { return folder->reopen(std::move(store)); },
          .crash = [folder](StorePtr store) { return folder->crash(std::move(store)); }};
}

}  // namespace

// Stepped, nothing reaches the tables before a read or a restart wants it; a run of one row nets nothing
// out, a large one all it can.
INSTANTIATE_TEST_SUITE_P(Embedded, StoreConformance,
                         testing::Values(embedded_harness("embedded", true, 16'384),
                                         embedded_harness("embedded_small_runs", true, 1),
                                         embedded_harness("embedded_stepped", false, 64)),
                         harness_name);

}  // namespace ferry::store
