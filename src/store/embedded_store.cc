#include "store/embedded_store.h"

#include "store/embedded_store_impl.h"
#include "store/journal_file.h"

namespace ferry::store {

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(EmbeddedOptions options,
                                                           Metrics& metrics) {
  return BasicEmbeddedStore<PosixFile>::open(std::move(options), metrics,
                                             std::make_shared<PosixFile::System>());
}

}  // namespace ferry::store
