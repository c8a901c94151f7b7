#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "provisioner/qemu_tables.h"

namespace provisioner {
namespace {

using base::Json;

constexpr const char* entry_schema = "bulkhead.qemu-tables/v1";
constexpr std::size_t largest_entry = std::size_t{8} << 20U;

/// Where the program's bytes are. @throws base::Error{host} when PATH does not have it
std::string program_file(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    if (::access(program.c_str(), R_OK | X_OK) == 0) return program;
    throw base::Error(base::Kind::host, "no program '" + program + "'; install qemu-system-x86");
  }
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string file = folder + "/" + program;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  throw base::Error(base::Kind::host, "no '" + program + "' in PATH; install qemu-system-x86");
}

Json key_of(const TablesRequest& request) {
  const GuestShape& shape = request.shape;
  Json key;
  key["qemuSha256"] = base::file_sha256(program_file(request.program)).hex();
  key["directBoot"] = shape.direct_boot;
  if (request.width) {
    key["width"] = Json::Object{{"vendor", request.width->vendor},
                                {"physicalBits", request.width->physical_bits},
                                {"gigabytePages", request.width->gigabyte_pages}};
  }
  Json::Array arguments;
  for (const std::string& word : request.arguments) arguments.emplace_back(word);
  if (request.arguments.empty()) {
    // The arguments of a shape are its content; the TPM's socket stands for its presence.
    const bool tpm = shape.tee == base::Tee::emulated;
    for (std::string& word : guest_arguments(shape, "null", tpm ? std::optional<std::string>("tpm") : std::nullopt))
      arguments.emplace_back(std::move(word));
  }
  key["arguments"] = std::move(arguments);
  return key;
}

std::string digest_of(const Json& json) {
  return base::sha256(base::bytes_of(json.compact())).hex();
}

}  // namespace

std::string tables_entry(const QemuTables& tables, const Json& key) {
  Json content;
  content["key"] = key;
  content["version"] = Json::Array{tables.version.major, tables.version.minor};
  content["files"] = Json::Object{};
  for (const auto& [name, bytes] : tables.files) content["files"][name] = base::base64(bytes);
  Json entry;
  entry["schema"] = entry_schema;
  entry["sha256"] = digest_of(content);
  entry["content"] = std::move(content);
  return entry.pretty();
}

QemuTables parse_tables_entry(std::string_view text, const Json& key) {
  const auto reject = [](const std::string& why) {
    throw base::Error(base::Kind::malformed, "cached QEMU tables: " + why);
  };
  const Json entry = Json::parse(text, "cached QEMU tables");
  base::expect_members(entry, {"schema", "sha256", "content"}, "cached QEMU tables");
  const Json& content = entry.at("content");
  base::expect_members(content, {"key", "version", "files"}, "cached QEMU tables");
  if (entry.at("schema").text() != entry_schema) reject("schema: got '" + entry.at("schema").text() + "'");
  if (entry.at("sha256").text() != digest_of(content)) reject("its content has another digest than it says");
  if (content.at("key") != key) reject("it is of another machine");
  const Json::Array& version = content.at("version").array();
  if (version.size() != 2) reject("version: wanted two numbers");
  QemuTables tables;
  tables.version = {static_cast<unsigned>(version[0].integer()), static_cast<unsigned>(version[1].integer())};
  for (const auto& [name, bytes] : content.at("files").object()) {
    const std::optional<base::Buffer> raw = base::from_base64(bytes.text());
    if (!raw) reject(name + ": no base64");
    tables.files[name] = *raw;
  }
  return tables;
}

QemuTables cached_qemu_tables(const TablesRequest& request, const std::string& cache_directory) {
  const Json key = key_of(request);
  const std::string path = cache_directory + "/qemu-tables/" + digest_of(key) + ".json";
  try {
    if (const auto text = base::read_file_if_any(path, largest_entry)) return parse_tables_entry(*text, key);
  } catch (const base::Error&) {
    // A damaged or unreadable entry is made anew.
  }
  QemuTables tables = read_qemu_tables(request);
  std::error_code failed;
  std::filesystem::create_directories(cache_directory + "/qemu-tables", failed);
  try {
    if (!failed) base::write_file_atomically(path, tables_entry(tables, key), 0644);
  } catch (const base::Error&) {
    // A cache that cannot be written only costs the next one its time.
  }
  return tables;
}

std::string default_cache_directory() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return std::string(cache) + "/bulkhead";
  const char* const home = std::getenv("HOME");
  if (::geteuid() == 0 || home == nullptr) return "/var/cache/bulkhead";
  return std::string(home) + "/.cache/bulkhead";
}

}  // namespace provisioner
