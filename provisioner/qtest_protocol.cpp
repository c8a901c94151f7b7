#include "provisioner/qtest_protocol.h"

#include <charconv>

#include "base/encoding.h"
#include "base/error.h"

namespace provisioner::qtest {
namespace {

const char* suffix(PortWidth width) {
  return width == PortWidth::byte ? "b" : width == PortWidth::word ? "w" : "l";
}

[[noreturn]] void fail(const std::string& line, const std::string& wanted) {
  throw base::Error(base::Kind::malformed, "QEMU's qtest answer: got '" + line.substr(0, 80) + "', wanted " + wanted);
}

}  // namespace

std::string out_command(PortWidth width, std::uint16_t port, std::uint32_t value) {
  return std::string("out") + suffix(width) + " " + base::hex_number(port) + " " + base::hex_number(value);
}
std::string in_command(PortWidth width, std::uint16_t port) {
  return std::string("in") + suffix(width) + " " + base::hex_number(port);
}
std::string write_command(std::uint64_t address, base::Bytes bytes) {
  return "write " + base::hex_number(address) + " " + base::hex_number(bytes.size()) + " 0x" + base::hex(bytes);
}
std::string read_command(std::uint64_t address, std::size_t size) {
  return "read " + base::hex_number(address) + " " + base::hex_number(size);
}
std::string store_command(std::uint64_t address, std::uint32_t value) {
  return "writel " + base::hex_number(address) + " " + base::hex_number(value);
}
std::string load_command(std::uint64_t address) {
  return "readl " + base::hex_number(address);
}

bool is_notice(const std::string& line) {
  return line.starts_with("IRQ ");
}

std::string answer_of(const std::string& line) {
  if (line == "OK") return {};
  if (!line.starts_with("OK ")) fail(line, "OK");
  return line.substr(3);
}

std::uint64_t number_of(const std::string& line) {
  const std::string text = answer_of(line);
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  if (!text.starts_with("0x")) fail(line, "OK and a number");
  const auto [rest, error] = std::from_chars(text.data() + 2, end, value, 16);
  if (error != std::errc() || rest != end) fail(line, "OK and a number of at most 64 bits");
  return value;
}

base::Buffer bytes_of(const std::string& line, std::size_t size) {
  const std::string text = answer_of(line);
  const std::string wanted = "OK and " + std::to_string(size) + " bytes";
  if (!text.starts_with("0x")) fail(line, wanted);
  std::optional<base::Buffer> bytes = base::from_hex(std::string_view(text).substr(2));
  if (!bytes || bytes->size() != size) fail(line, wanted);
  return *std::move(bytes);
}

}  // namespace provisioner::qtest
