#pragma once

#include <memory>
#include <string>

#include "domain/delivery.h"
#include "domain/message.h"

namespace ferry {

// A delivery that gave up, with all it needs to be shown and tried again.
struct DeadLetter {
  DeadLetterId id;  // its time is the moment of giving up
  Delivery delivery;
  MessagePtr message;    // never null
  ResponsePtr response;  // of the last attempt; null: no HTTP answer
  std::string error;
};

using DeadLetterPtr = std::shared_ptr<const DeadLetter>;

}  // namespace ferry
