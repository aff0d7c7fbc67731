#include "store/simulated_vfs.h"

#include <gtest/gtest.h>

#include "store/sqlite_database.h"

namespace ferry::store {
namespace {

// As with SQLite's own file system: whichever connection syncs a log first syncs the folder too,
// and with it what became of the rollback journal that the log takes the place of.
TEST(SimulatedVfs, TheFirstSyncOfALogByAnyConnectionMakesItsNameDurable) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto disk = std::make_shared<SimulatedDisk>();
    const SimulatedVfs vfs(disk);
    {
      auto maker = Database::open("/data/x.db", Database::Access::kWriter, vfs.name());
      ASSERT_TRUE(maker && maker->statement("SELECT 1 FROM sqlite_schema")->run());
      ASSERT_TRUE(disk->exists("/data/x.db-wal"));
      const auto found = disk->snapshot();  // killed: the next one finds the page cache
      disk->fail_operation(1, SimulatedDisk::Fault::kPowerOff);
      maker = fail(ErrorCode::kStopping, "killed");
      disk->restore(found);
    }
    {
      auto finder = Database::open("/data/x.db", Database::Access::kWriter, vfs.name());
      ASSERT_TRUE(finder && finder->execute("CREATE TABLE t (a)") && finder->checkpoint());
      disk->fail_operation(1, SimulatedDisk::Fault::kPowerOff);
    }
    Random random(seed);
    disk->crash(random);
    EXPECT_TRUE(disk->exists("/data/x.db-wal"));
    EXPECT_FALSE(disk->exists("/data/x.db-journal"));
    auto found = Database::open("/data/x.db", Database::Access::kWriter, vfs.name());
    EXPECT_TRUE(found && found->statement("SELECT a FROM t")) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ferry::store
