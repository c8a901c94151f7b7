#include "measurement/launch_pages.h"

#include <algorithm>
#include <array>
#include <future>

#include "base/crypto.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::size_t worth_a_thread = std::size_t{256} << 10U;  // about 0.3 ms of hashing

struct PageInfo {
  std::array<std::uint8_t, 48> digest_current, contents;
  base::le16 length;
  PageType type;
  std::array<std::uint8_t, 5> imi_and_permissions;
  base::le64 gpa;
};
static_assert(sizeof(PageInfo) == 0x70 && offsetof(PageInfo, type) == 0x62 && offsetof(PageInfo, gpa) == 0x68);

void expect_whole_pages(base::Gpa gpa, std::uint64_t size) {
  if (gpa.value % page_size == 0 && size % page_size == 0) return;
  throw base::Error(base::Kind::malformed, "launch pages at " + base::hex_number(gpa.value) + ": got " +
                                               base::hex_number(size) + " bytes, wanted whole aligned 4096-byte pages");
}

void hash_pages(base::Bytes pages, base::Sha384* to) {
  base::Bytes before;
  for (std::size_t at = 0; at < pages.size(); at += page_size, ++to) {
    const base::Bytes page = pages.subspan(at, page_size);
    *to = !before.empty() && std::equal(page.begin(), page.end(), before.begin()) ? to[-1] : base::sha384(page);
    before = page;
  }
}

}  // namespace

std::vector<base::Sha384> page_contents(base::Bytes pages) {
  std::vector<base::Sha384> contents(pages.size() / page_size);
  const std::size_t half = pages.size() < worth_a_thread ? 0 : contents.size() / 2;
  std::future<void> first;
  if (half != 0) first = std::async(std::launch::async, hash_pages, pages.first(half * page_size), contents.data());
  hash_pages(pages.subspan(half * page_size), contents.data() + half);
  if (first.valid()) first.get();
  return contents;
}

void LaunchPages::add(PageType type, base::Gpa gpa, const base::Sha384& contents) {
  const PageInfo info{digest_.bytes, contents.bytes, std::uint16_t{sizeof(PageInfo)}, type, {}, gpa.value};
  digest_.bytes = base::sha384(base::layout_bytes(info)).bytes;
}

void LaunchPages::add_measured(PageType type, base::Gpa first, base::Bytes pages) {
  expect_whole_pages(first, pages.size());
  for (const base::Sha384& contents : page_contents(pages)) {
    add(type, first, contents);
    first.value += page_size;
  }
}

void LaunchPages::add_unmeasured(PageType type, base::Gpa first, std::uint64_t size) {
  expect_whole_pages(first, size);
  for (std::uint64_t offset = 0; offset < size; offset += page_size) add(type, {first.value + offset});
}

}  // namespace measurement
