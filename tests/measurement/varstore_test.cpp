#include "measurement/varstore.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/store_image.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing_store::store_image;
using testing_store::variable;

const base::Buffer one{1}, two{2, 2};

TEST(VariableStore, HasItsVariablesWithGuidNameAndData) {
  const VariableStore store = read_variable_store(
      store_image({variable(global_variable_guid, "PK", one), variable(image_security_guid, "db", two)}));
  ASSERT_EQ(store.variables.size(), 2U);
  EXPECT_EQ(store.variables[0], (Variable{std::string(global_variable_guid), "PK", 0x27, one}));
  EXPECT_EQ(store.find(image_security_guid, "db")->data, two);
  EXPECT_EQ(store.find(global_variable_guid, "db"), nullptr);
  EXPECT_TRUE(store.data(global_variable_guid, "KEK").empty());
}

TEST(VariableStore, LeavesOutDeletedVariables) {
  const VariableStore store = read_variable_store(
      store_image({variable(global_variable_guid, "PK", one, 0x3d), variable(global_variable_guid, "KEK", one, 0x7f)}));
  EXPECT_TRUE(store.variables.empty());
}

TEST(VariableStore, UsesTheOldValueUntilTheNewOneIsAdded) {
  const base::Buffer old_value = variable(global_variable_guid, "PK", one, 0x3e);
  const base::Buffer new_value = variable(global_variable_guid, "PK", two);
  EXPECT_EQ(read_variable_store(store_image({old_value})).find(global_variable_guid, "PK")->data, one);
  for (const auto& image : {store_image({old_value, new_value}), store_image({new_value, old_value})}) {
    const VariableStore store = read_variable_store(image);
    ASSERT_EQ(store.variables.size(), 1U);
    EXPECT_EQ(store.variables[0].data, two);
  }
}

TEST(VariableStore, IsFoundBehindOtherPagesOfAnImage) {
  base::Buffer image(0x3000, 0xff);
  base::append(image, store_image({variable(global_variable_guid, "PK", one)}));
  EXPECT_TRUE(has_variable_store(image));
  EXPECT_EQ(read_variable_store(image).variables.size(), 1U);
  EXPECT_FALSE(has_variable_store(base::Buffer(0x3000, 0xff)));
}

struct Malformed {
  std::string name, message;
  base::Buffer image;
};

std::vector<Malformed> malformed_images() {
  const auto changed = [](std::size_t at, std::uint8_t value) {
    base::Buffer image = store_image({variable(global_variable_guid, "PK", one)});
    image[at] = value;
    return image;
  };
  base::Buffer cut = store_image({});
  cut.resize(0x1000);
  constexpr std::size_t store = 72, first = 72 + 28;
  return {{"no volume", "no volume of variables found", base::Buffer(4096, 0)},
          {"empty", "no volume of variables found", {}},
          {"volume past the end", "volume of 0x2000 bytes", cut},
          {"header longer than the volume", "with a header of 0xff48", changed(49, 0xff)},
          {"store of another format", "wanted the authenticated format", changed(store, 0)},
          {"store not healthy", "wanted 0x5a and 0xfe", changed(store + 21, 0)},
          {"store past the volume", "size is 0xff1800", changed(store + 18, 0xff)},
          {"store smaller than its header", "size is 0x0", changed(store + 17, 0)},
          {"name past the end", "needs", changed(first + 39, 0x7f)},
          {"name of odd length", "name of 7 bytes, wanted UTF-16", changed(first + 36, 7)},
          {"data past the end", "needs", changed(first + 42, 1)},
          {"variable twice", "PK (8be4df61-93ca-11d2-aa0d-00e098032b8c) is there twice",
           store_image({variable(global_variable_guid, "PK", one), variable(global_variable_guid, "PK", two)})}};
}

TEST(VariableStore, RefusesDamagedImages) {
  for (const Malformed& bad : malformed_images()) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { read_variable_store(bad.image); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr(bad.message)));
  }
}

}  // namespace
}  // namespace measurement
