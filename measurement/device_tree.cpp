#include "measurement/device_tree.h"

#include "base/encoding.h"

namespace measurement {
namespace {

constexpr std::uint32_t magic = 0xd00dfeed, version = 17, last_compatible_version = 16;
constexpr std::uint32_t begin_node_token = 1, end_node_token = 2, property_token = 3, end_token = 9;
constexpr std::size_t header_size = 40, reservations_size = 16;
constexpr std::uint32_t structure_offset = header_size + reservations_size;

void put_at(base::Buffer& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
}

template <typename T>
base::Buffer big_endian(const std::vector<T>& values) {
  base::Buffer bytes(values.size() * sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) put_at(bytes, i * sizeof(T), values[i], sizeof(T));
  return bytes;
}

}  // namespace

// No memory is reserved: the list is its end.
DeviceTreeWriter::DeviceTreeWriter() : tree_(structure_offset) {}

void DeviceTreeWriter::put(std::uint32_t value) {
  tree_.resize(tree_.size() + sizeof(value));
  put_at(tree_, tree_.size() - sizeof(value), value, sizeof(value));
}

void DeviceTreeWriter::align() {
  tree_.resize((tree_.size() + 3) / 4 * 4);
}

void DeviceTreeWriter::begin_node(std::string_view name) {
  put(begin_node_token);
  base::append(tree_, base::bytes_of(name));
  tree_.push_back(0);
  align();
}

void DeviceTreeWriter::begin_node(std::string_view name, std::uint64_t address) {
  begin_node(std::string(name) + "@" + base::hex_number(address).substr(2));
}

void DeviceTreeWriter::end_node() {
  put(end_node_token);
}

void DeviceTreeWriter::property(std::string_view name, base::Bytes value) {
  const auto [known, added] = names_.try_emplace(std::string(name), static_cast<std::uint32_t>(strings_.size()));
  if (added) {
    base::append(strings_, base::bytes_of(name));
    strings_.push_back(0);
  }
  put(property_token);
  put(static_cast<std::uint32_t>(value.size()));
  put(known->second);
  base::append(tree_, value);
  align();
}

void DeviceTreeWriter::texts(std::string_view name, std::initializer_list<std::string_view> values) {
  base::Buffer bytes;
  for (const std::string_view value : values) {
    base::append(bytes, base::bytes_of(value));
    bytes.push_back(0);
  }
  property(name, bytes);
}

void DeviceTreeWriter::cells(std::string_view name, const std::vector<std::uint32_t>& values) {
  property(name, big_endian(values));
}

void DeviceTreeWriter::wide_cells(std::string_view name, const std::vector<std::uint64_t>& values) {
  property(name, big_endian(values));
}

base::Buffer DeviceTreeWriter::finish() && {
  put(end_token);
  const auto strings_offset = static_cast<std::uint32_t>(tree_.size());
  base::append(tree_, strings_);
  const auto size = static_cast<std::uint32_t>(tree_.size());
  const std::vector<std::uint32_t> header{magic,
                                          size,
                                          structure_offset,
                                          strings_offset,
                                          header_size,
                                          version,
                                          last_compatible_version,
                                          0,
                                          size - strings_offset,
                                          strings_offset - structure_offset};
  const base::Buffer bytes = big_endian(header);
  std::copy(bytes.begin(), bytes.end(), tree_.begin());
  return std::move(tree_);
}

}  // namespace measurement
