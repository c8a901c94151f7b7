#include "measurement/td_hob.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/error.h"
#include "measurement/linux_kernel.h"

namespace measurement {
namespace {

constexpr std::uint64_t four_gib = 1ULL << 32U;
constexpr std::size_t end_of_list_size = 8;

struct BlockHeader {
  base::le16 type, length;
  base::le32 reserved;
};
struct HandOffInformation {
  BlockHeader header;
  base::le32 version, boot_mode;
  base::le64 memory_top, memory_bottom, free_memory_top, free_memory_bottom, end_of_list;
};
static_assert(sizeof(HandOffInformation) == 56 && offsetof(HandOffInformation, end_of_list) == 48);
struct ResourceDescriptor {
  BlockHeader header;
  std::array<std::uint8_t, 16> owner;
  base::le32 type, attributes;
  base::le64 start, length;
};
static_assert(sizeof(ResourceDescriptor) == 48 && offsetof(ResourceDescriptor, start) == 32);

enum class Resource : std::uint32_t { system_memory = 0, unaccepted = 7 };
constexpr std::uint32_t present_initialized_tested = 7;

struct Range {
  std::uint64_t start = 0, length = 0;
  Resource resource = Resource::unaccepted;
  [[nodiscard]] std::uint64_t end() const noexcept { return start + length; }
};

std::vector<Range> whole_memory(base::MiB memory) {
  const std::uint64_t below = memory_below_4g(memory);
  std::vector<Range> ranges{{0, below}};
  if (memory.bytes() > below) ranges.push_back({four_gib, memory.bytes() - below});
  return ranges;
}

// Cuts `section` out of the unaccepted range that holds it.
void accept(std::vector<Range>& ranges, const TdvfSection& section) {
  const Range wanted{section.address.value, section.size, Resource::system_memory};
  const auto holder = std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) {
    return range.resource == Resource::unaccepted && range.start <= wanted.start && wanted.end() <= range.end();
  });
  if (holder == ranges.end())
    throw base::Error(base::Kind::failure, "memory: the firmware needs " + base::hex_number(wanted.start) + " to " +
                                               base::hex_number(wanted.end()) + ", wanted more memory");
  const Range before{holder->start, wanted.start - holder->start};
  const Range after{wanted.end(), holder->end() - wanted.end()};
  *holder = wanted;
  if (before.length > 0) ranges.push_back(before);
  if (after.length > 0) ranges.push_back(after);
}

const TdvfSection& hand_off_section(const std::vector<TdvfSection>& sections) {
  const auto found = std::find_if(sections.begin(), sections.end(), [](const TdvfSection& section) {
    return section.type == TdvfSectionType::hand_off_block;
  });
  if (found == sections.end()) throw base::Error(base::Kind::malformed, "TDVF metadata: no TD_HOB section, wanted one");
  return *found;
}

base::Buffer written(const std::vector<Range>& ranges, std::uint64_t address) {
  const std::size_t size = sizeof(HandOffInformation) + sizeof(ResourceDescriptor) * ranges.size();
  const HandOffInformation information{{std::uint16_t{1}, std::uint16_t{sizeof(HandOffInformation)}, 0U},
                                       9U,
                                       0U,
                                       {},
                                       {},
                                       {},
                                       {},
                                       address + size + end_of_list_size};
  base::Buffer bytes = base::buffer_of(base::layout_bytes(information));
  for (const Range& range : ranges)
    base::append(
        bytes, base::layout_bytes(ResourceDescriptor{{std::uint16_t{3}, std::uint16_t{sizeof(ResourceDescriptor)}, 0U},
                                                     {},
                                                     static_cast<std::uint32_t>(range.resource),
                                                     present_initialized_tested,
                                                     range.start,
                                                     range.length}));
  return bytes;
}

}  // namespace

base::Buffer td_hob(const std::vector<TdvfSection>& sections, base::MiB memory) {
  const TdvfSection& place = hand_off_section(sections);
  std::vector<Range> ranges = whole_memory(memory);
  for (const TdvfSection& section : sections)
    if (!section.has_data()) accept(ranges, section);
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.start < b.start; });
  base::Buffer bytes = written(ranges, place.address.value);
  if (bytes.size() + end_of_list_size > place.size)
    throw base::Error(base::Kind::malformed, "TDVF metadata: TD_HOB section has " + base::hex_number(place.size) +
                                                 " bytes, wanted at least " +
                                                 std::to_string(bytes.size() + end_of_list_size));
  return bytes;
}

}  // namespace measurement
