#include "measurement/mrtd.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::size_t page_size = 4096;
constexpr std::size_t chunk_size = 256;

/// What the TDX module hashes for one of its functions.
struct Operation {
  std::array<char, 16> name{};
  base::le64 address;
  std::array<std::uint8_t, 104> zeros{};
};
static_assert(sizeof(Operation) == 128 && offsetof(Operation, address) == 16);

struct Chunk {
  Operation extend;
  std::array<std::uint8_t, chunk_size> content{};
};
struct Page {
  Operation add;
  std::array<Chunk, page_size / chunk_size> chunks;
};
static_assert(sizeof(Page) == 128 + 16 * (128 + 256));

Operation operation(std::string_view name) {
  Operation made;
  std::copy(name.begin(), name.end(), made.name.begin());
  return made;
}

class Measurement {
 public:
  Measurement() {
    page_.add = operation("MEM.PAGE.ADD");
    for (Chunk& chunk : page_.chunks) chunk.extend = operation("MR.EXTEND");
  }
  void add(std::uint64_t address) {
    page_.add.address = address;
    hasher_.update(base::layout_bytes(page_.add));
  }
  void extend(std::uint64_t address, base::Bytes content) {
    fill(address, content);
    hasher_.update(base::layout_bytes(page_.chunks));
  }
  void add_and_extend(std::uint64_t address, base::Bytes content) {
    page_.add.address = address;
    fill(address, content);
    hasher_.update(base::layout_bytes(page_));
  }
  Mrtd finish() && { return Mrtd::from(std::move(hasher_).finish()); }

 private:
  void fill(std::uint64_t address, base::Bytes content) {
    for (Chunk& chunk : page_.chunks) {
      chunk.extend.address = address;
      if (content.empty()) {
        chunk.content.fill(0);
      } else {
        std::copy_n(content.begin(), chunk_size, chunk.content.begin());
        content = content.subspan(chunk_size);
      }
      address += chunk_size;
    }
  }

  base::Hasher hasher_{base::Hasher::Algorithm::sha384};
  Page page_;
};

base::Bytes page_of(base::Bytes content, std::uint64_t offset) {
  return content.empty() ? content : content.subspan(offset, page_size);
}

void measure(Measurement& measurement, const TdvfSection& section, base::Bytes content, PageOrder order) {
  const std::uint64_t start = section.address.value;
  for (std::uint64_t offset = 0; offset < section.size; offset += page_size) {
    if (section.extended && order == PageOrder::single_pass)
      measurement.add_and_extend(start + offset, page_of(content, offset));
    else
      measurement.add(start + offset);
  }
  if (!section.extended || order == PageOrder::single_pass) return;
  for (std::uint64_t offset = 0; offset < section.size; offset += page_size)
    measurement.extend(start + offset, page_of(content, offset));
}

}  // namespace

Mrtd mrtd(base::Bytes firmware, const std::vector<TdvfSection>& sections, PageOrder order) {
  Measurement measurement;
  for (const TdvfSection& section : sections) {
    if (section.augmented) continue;
    if (section.extended && section.type == TdvfSectionType::hand_off_block)
      throw base::Error(base::Kind::failure,
                        "firmware: its TD_HOB section is measured into MRTD, which then depends on the memory's size; "
                        "wanted a firmware that measures it into RTMR0 as OVMF does");
    measure(measurement, section, section.data(firmware), order);
  }
  return std::move(measurement).finish();
}

}  // namespace measurement
