#include "provisioner/fw_cfg.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace provisioner {
namespace {

// QEMU docs/specs/fw_cfg.rst: ports, well-known selectors, DMA control bits.
constexpr std::uint16_t selector_port = 0x510, data_port = 0x511, dma_high_port = 0x514, dma_low_port = 0x518;
constexpr std::uint16_t signature_item = 0, features_item = 1, directory_item = 0x19, first_file = 0x20;
constexpr std::uint16_t last_file = 0x3fff;
constexpr std::uint32_t dma_error = 1, dma_read = 2, dma_select = 8;
constexpr std::uint32_t dma_offered = 2;  // of the features item
constexpr std::size_t name_size = 56, entry_size = 64, largest_file = std::size_t{16} << 20U;
constexpr std::size_t page = 4096, most_files = 1024;

void append_big_endian(base::Buffer& to, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint32_t swapped(std::uint32_t value) {
  return value << 24U | (value & 0xff00U) << 8U | (value >> 8U & 0xff00U) | value >> 24U;
}

std::string file_name(base::ByteReader& reader) {
  const std::string field = base::text_of(reader.take(name_size));
  const std::size_t end = field.find('\0');
  if (end == std::string::npos || end == 0) reader.fail("file name is empty or not terminated");
  std::string name = field.substr(0, end);
  if (!std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
    reader.fail("file name has a character that is not printable");
  return name;
}

}  // namespace

std::vector<FwCfgFile> parse_fw_cfg_directory(base::Bytes bytes) {
  base::ByteReader reader("fw_cfg directory", bytes);
  const auto count = reader.take_big_endian<std::uint32_t>();
  if (count > most_files) reader.fail(std::to_string(count) + " files, wanted at most " + std::to_string(most_files));
  std::vector<FwCfgFile> files;
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < count; ++i) {
    FwCfgFile file;
    file.size = reader.take_big_endian<std::uint32_t>();
    file.selector = reader.take_big_endian<std::uint16_t>();
    reader.skip(2);
    file.name = file_name(reader);
    if (file.size > largest_file) reader.fail(file.name + " has " + std::to_string(file.size) + " bytes");
    if (file.selector < first_file || file.selector > last_file)
      reader.fail(file.name + " has selector " + base::hex_number(file.selector));
    if (!names.insert(file.name).second) reader.fail(file.name + " occurs twice");
    files.push_back(std::move(file));
  }
  reader.expect_end();
  return files;
}

FwCfgReader::FwCfgReader(MachineBus& bus, std::uint64_t scratch) : bus_(bus), scratch_(scratch) {
  const base::Buffer signature = read_by_port(signature_item, 4);
  if (base::text_of(signature) != "QEMU")
    throw base::Error(base::Kind::malformed,
                      "fw_cfg: got signature " + base::hex(signature) + ", wanted 'QEMU'; is this a QEMU machine?");
  dma_ = (read_by_port(features_item, 4)[0] & dma_offered) != 0;
}

std::vector<FwCfgFile> FwCfgReader::directory() {
  const base::Buffer head = read(directory_item, 4);
  base::ByteReader count("fw_cfg directory", head);
  const auto files = count.take_big_endian<std::uint32_t>();
  if (files > most_files) count.fail(std::to_string(files) + " files, wanted at most " + std::to_string(most_files));
  return parse_fw_cfg_directory(read(directory_item, 4 + files * entry_size));
}

base::Buffer FwCfgReader::read(std::uint16_t selector, std::size_t size) {
  return dma_ ? read_by_dma(selector, size) : read_by_port(selector, size);
}

FwCfgFiles FwCfgReader::read_files(const std::vector<std::string>& names) {
  FwCfgFiles files;
  for (const FwCfgFile& file : directory()) {
    if (std::find(names.begin(), names.end(), file.name) != names.end())
      files[file.name] = read(file.selector, file.size);
  }
  return files;
}

base::Buffer FwCfgReader::read_by_dma(std::uint16_t selector, std::size_t size) {
  const std::uint64_t data = scratch_ + page;
  base::Buffer all;
  do {
    const std::size_t part = std::min(size - all.size(), page);
    const std::uint32_t select = all.empty() ? std::uint32_t{selector} << 16U | dma_select : 0;
    base::Buffer request;
    append_big_endian(request, select | dma_read, 4);
    append_big_endian(request, part, 4);
    append_big_endian(request, data, 8);
    bus_.write(scratch_, request);
    bus_.out(PortWidth::dword, dma_high_port, swapped(static_cast<std::uint32_t>(scratch_ >> 32U)));
    bus_.out(PortWidth::dword, dma_low_port, swapped(static_cast<std::uint32_t>(scratch_)));
    const base::Buffer state = bus_.read(scratch_, 4);
    base::ByteReader answer("fw_cfg DMA control", state);
    const auto control = answer.take_big_endian<std::uint32_t>();
    if (control != 0)
      answer.fail(std::string(control & dma_error ? "error" : "unfinished") + ": got " + base::hex_number(control));
    if (part != 0) base::append(all, bus_.read(data, part));
  } while (all.size() < size);
  return all;
}

base::Buffer FwCfgReader::read_by_port(std::uint16_t selector, std::size_t size) {
  bus_.out(PortWidth::word, selector_port, selector);
  base::Buffer all(size);
  for (std::uint8_t& byte : all) byte = static_cast<std::uint8_t>(bus_.in(PortWidth::byte, data_port));
  return all;
}

}  // namespace provisioner
