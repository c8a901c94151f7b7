#pragma once
#include <string>

#include "provisioner/machine_bus.h"

/// The words of QEMU's qtest protocol: one line a command, one line an answer.
/// Source: QEMU softmmu/qtest.c (system/qtest.c), "qtest protocol".
namespace provisioner::qtest {

std::string out_command(PortWidth width, std::uint16_t port, std::uint32_t value);
std::string in_command(PortWidth width, std::uint16_t port);
std::string write_command(std::uint64_t address, base::Bytes bytes);
std::string read_command(std::uint64_t address, std::size_t size);
std::string store_command(std::uint64_t address, std::uint32_t value);
std::string load_command(std::uint64_t address);

/// Whether `line` is news of an interrupt and not an answer.
bool is_notice(const std::string& line);

/// What follows "OK" in an answer. @throws base::Error{malformed} for "FAIL .." and anything else, with the line
std::string answer_of(const std::string& line);
/// An answer that must be one number: "OK 0x29c08086" or "OK 0x0000000029c08086".
std::uint64_t number_of(const std::string& line);
/// An answer that must be `size` bytes: "OK 0x52534420".
base::Buffer bytes_of(const std::string& line, std::size_t size);

}  // namespace provisioner::qtest
