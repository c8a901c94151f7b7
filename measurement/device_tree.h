#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace measurement {

/// Writes a flattened device tree front to back. Source: Devicetree Specification 0.4, section 5 (DTB format).
class DeviceTreeWriter {
 public:
  DeviceTreeWriter();
  void begin_node(std::string_view name);
  /// "name@address", the address in hexadecimal.
  void begin_node(std::string_view name, std::uint64_t address);
  void end_node();
  void property(std::string_view name, base::Bytes value);
  void flag(std::string_view name) { property(name, {}); }
  void text(std::string_view name, std::string_view value) { texts(name, {value}); }
  void texts(std::string_view name, std::initializer_list<std::string_view> values);
  void cells(std::string_view name, const std::vector<std::uint32_t>& values);
  void wide_cells(std::string_view name, const std::vector<std::uint64_t>& values);
  /// The tree; the writer is spent.
  base::Buffer finish() &&;

 private:
  void put(std::uint32_t value);
  void align();

  base::Buffer tree_, strings_;
  std::map<std::string, std::uint32_t, std::less<>> names_;
};

}  // namespace measurement
