#include "provisioner/rehearsal.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "provisioner/guest_memory.h"

namespace {

using measurement::EventLog;
using measurement::LogEvent;
using provisioner::GuestMemory;
using provisioner::has_left_boot_services;

LogEvent action(const char* text) {
  LogEvent event;
  event.pcr = 5;
  event.type = 0x80000007;
  event.data = base::buffer_of(base::bytes_of(text));
  return event;
}

TEST(Rehearsal, EndsWhenTheKernelHasLeftTheBootServices) {
  EventLog log;
  EXPECT_FALSE(has_left_boot_services(log));
  log.events = {action("Exit Boot Services Invocation"), action("Exit Boot Services Returned with Failure")};
  EXPECT_FALSE(has_left_boot_services(log)) << "the kernel will try again";
  log.events.push_back(action("Exit Boot Services Returned with Success"));
  EXPECT_TRUE(has_left_boot_services(log));
  log.events.back().type = 0x06;
  EXPECT_FALSE(has_left_boot_services(log)) << "a guest's own event of that text is none of the firmware's";
}

TEST(GuestMemory, FindsPagesThatHoldAText) {
  constexpr std::uint64_t size = std::uint64_t{1} << 40U;  // holes cost nothing and are not looked into
  const GuestMemory memory(size);
  const std::string text = "Spec ID Event03";
  for (const std::uint64_t page : {std::uint64_t{0x5000}, size - 4096})
    ASSERT_EQ(::pwrite(memory.file(), text.data(), text.size(), static_cast<off_t>(page + 32)), 15);
  ASSERT_EQ(::pwrite(memory.file(), text.data(), text.size(), 0x9000 + 48), 15);  // at another place of its page
  EXPECT_EQ(memory.pages_with(text, 32), (std::vector<std::uint64_t>{0x5000, size - 4096}));
  EXPECT_EQ(base::text_of(memory.copy(0x5020, 4)), "Spec");
  EXPECT_EQ(memory.copy(size - 10, 100).size(), 10U);
  EXPECT_TRUE(memory.copy(size, 100).empty());
}

}  // namespace
