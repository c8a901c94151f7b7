#include "measurement/acpi_loader.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::size_t command_size = 128;
constexpr std::size_t most_commands = 8192;
constexpr std::size_t name_size = 56;

enum class Command : std::uint32_t { none = 0, allocate = 1, add_pointer = 2, add_checksum = 3, write_pointer = 4 };

/// Checks the commands one by one and remembers what was allocated.
class LoaderScript {
 public:
  explicit LoaderScript(const FwCfgFiles& files) : files_(files) {}

  void run(base::ByteReader& command) {
    switch (static_cast<Command>(command.take<std::uint32_t>())) {
      case Command::allocate:
        return allocate(command);
      case Command::add_pointer:
        return add_pointer(command);
      case Command::add_checksum:
        return add_checksum(command);
      case Command::write_pointer:
        return write_pointer(command);
      default:
        command.fail("command is not 1 to 4");
    }
  }
  [[nodiscard]] std::vector<std::string> order() && { return std::move(order_); }

 private:
  static std::string name(base::ByteReader& command) {
    const base::Bytes field = command.take(name_size);
    const auto end = std::find(field.begin(), field.end(), 0);
    if (end == field.begin() || end == field.end()) command.fail("file name is empty or not terminated");
    return {field.begin(), end};
  }
  std::size_t allocated_size(base::ByteReader& command, const std::string& file) const {
    if (std::find(order_.begin(), order_.end(), file) == order_.end())
      command.fail("file '" + file + "' is used but not allocated");
    return files_.find(file)->second.size();
  }
  static void check_range(base::ByteReader& command, const std::string& file, std::size_t file_size,
                          std::uint64_t start, std::uint64_t size) {
    if (start + size > file_size)
      command.fail(base::hex_number(start) + " + " + std::to_string(size) + " bytes is outside '" + file + "' of " +
                   base::hex_number(file_size));
  }
  static std::uint8_t pointer_size(base::ByteReader& command) {
    const auto size = command.take<std::uint8_t>();
    if (size != 1 && size != 2 && size != 4 && size != 8)
      command.fail("pointer of " + std::to_string(size) + " bytes, wanted 1, 2, 4 or 8");
    return size;
  }

  void allocate(base::ByteReader& command) {
    const std::string file = name(command);
    const auto alignment = command.take<std::uint32_t>();
    const auto zone = command.take<std::uint8_t>();
    if (alignment == 0 || (alignment & (alignment - 1)) != 0)
      command.fail("alignment " + base::hex_number(alignment) + ", wanted a power of two");
    if (zone != 1 && zone != 2) command.fail("zone " + std::to_string(zone) + ", wanted 1 or 2");
    if (std::find(order_.begin(), order_.end(), file) != order_.end())
      command.fail("file '" + file + "' is allocated twice");
    if (!files_.contains(file))
      throw base::Error(base::Kind::failure,
                        "ACPI: no " + file + ", which etc/table-loader names; wanted it among the files");
    order_.push_back(file);
  }
  void add_pointer(base::ByteReader& command) {
    const std::string patched = name(command), target = name(command);
    const auto offset = command.take<std::uint32_t>();
    check_range(command, patched, allocated_size(command, patched), offset, pointer_size(command));
    allocated_size(command, target);
  }
  void add_checksum(base::ByteReader& command) {
    const std::string file = name(command);
    const std::size_t size = allocated_size(command, file);
    const auto result = command.take<std::uint32_t>();
    const auto start = command.take<std::uint32_t>();
    check_range(command, file, size, result, 1);
    check_range(command, file, size, start, command.take<std::uint32_t>());
  }
  // Writes an address back into a file of the hypervisor's own, which is not downloaded.
  void write_pointer(base::ByteReader& command) {
    name(command);
    const std::string target = name(command);
    command.skip(sizeof(std::uint32_t));
    const auto offset = command.take<std::uint32_t>();
    pointer_size(command);
    check_range(command, target, allocated_size(command, target), offset, 0);
  }

  const FwCfgFiles& files_;
  std::vector<std::string> order_;
};

bool all_zero(base::Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

const base::Buffer& file_named(const FwCfgFiles& files, std::string_view name) {
  const auto found = files.find(std::string(name));
  if (found == files.end())
    throw base::Error(base::Kind::failure, "ACPI: no " + std::string(name) + " among the files, wanted it");
  return found->second;
}

}  // namespace

std::vector<std::string> acpi_download_order(const FwCfgFiles& files) {
  const base::Bytes script = file_named(files, table_loader_file);
  base::ByteReader reader("etc/table-loader", script);
  if (script.size() % command_size != 0 || script.size() / command_size > most_commands)
    reader.fail(std::to_string(script.size()) + " bytes, wanted commands of 128 bytes, at most " +
                std::to_string(most_commands));
  LoaderScript loader(files);
  while (!reader.done()) {
    if (all_zero(script.subspan(reader.offset()))) break;
    const std::size_t offset = reader.offset();
    base::ByteReader command("etc/table-loader", reader.take(command_size), offset);
    loader.run(command);
  }
  return std::move(loader).order();
}

}  // namespace measurement
