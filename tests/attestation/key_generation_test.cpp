#include "attestation/key_generation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace attestation {
namespace {

using testing::Optional;

TEST(KeyGeneration, IsTheOneThatTheLastNoteHas) {
  EXPECT_EQ(noted_key_generation(""), std::nullopt);
  EXPECT_EQ(noted_key_generation("{\"event\":\"attested\"}\n"), std::nullopt);
  EXPECT_THAT(noted_key_generation("{\"keyStoreGeneration\":7}\n{\"event\":\"attested\"}\n"), Optional(7U));
  EXPECT_THAT(noted_key_generation("{\"keyStoreGeneration\":7}\n{\"keyStoreGeneration\":3}\n"), Optional(3U))
      << "a restore may go back";
  EXPECT_THAT(noted_key_generation("{\"keyStoreGeneration\":7}\n{\"reason\":\"keyStoreGeneration\"}\n"), Optional(7U))
      << "a word in somebody's text is no note";
}

TEST(KeyGeneration, OfAStoreMayBeAboveWhatWasNotedAndNotBelow) {
  EXPECT_EQ(older_store(0, std::nullopt), std::nullopt);
  EXPECT_EQ(older_store(7, 7), std::nullopt);
  EXPECT_EQ(older_store(8, 7), std::nullopt) << "a kill between a write and its entry";
  EXPECT_THAT(older_store(6, 7), Optional(testing::HasSubstr("it is of generation 6, the log notes generation 7")));
}

}  // namespace
}  // namespace attestation
