#include "images/image_lock.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"

namespace images {
namespace {

using base::Json;

constexpr const char* schema = "bulkhead.image-lock/v1";

Json file_json(const BuiltFile& file) {
  return Json::Object{{"path", file.path}, {"sha256", file.sha256.hex()}};
}

base::Sha256 read_digest(const Json& value, const std::string& where) {
  const auto digest = base::Sha256::parse(value.text());
  if (!digest) {
    throw base::Error(base::Kind::malformed,
                      where + ": got '" + value.text() + "', wanted 64 hexadecimal digits (SHA-256)");
  }
  return *digest;
}

BuiltFile read_file_json(const Json& document, const std::string& key, std::string_view name) {
  const std::string where = std::string(name) + ": " + key;
  const Json& file = document.at(key);
  base::expect_members(file, {"path", "sha256"}, where);
  return {file.at("path").text(), read_digest(file.at("sha256"), where + ".sha256")};
}

std::string_view field(std::string_view paragraph, std::string_view key) {
  for (std::size_t at = 0; at < paragraph.size();) {
    const std::size_t end = std::min(paragraph.find('\n', at), paragraph.size());
    const std::string_view line = paragraph.substr(at, end - at);
    if (line.starts_with(key)) return line.substr(key.size());
    at = end + 1;
  }
  return {};
}

}  // namespace

Json image_lock(const BuiltImage& image) {
  Json::Array packages(image.packages.begin(), image.packages.end());
  return Json::Object{{"schema", schema},
                      {"firmware", file_json(image.firmware)},
                      {"kernel", file_json(image.kernel)},
                      {"initrd", file_json(image.initrd)},
                      {"root", file_json(image.root)},
                      {"commandLine", Json::Object{{"text", image.command_line},
                                                   {"sha256", base::sha256(base::bytes_of(image.command_line)).hex()}}},
                      {"suite", image.suite},
                      {"packages", std::move(packages)},
                      {"inputs", image.inputs.hex()}};
}

BuiltImage read_image_lock(const Json& document, std::string_view name) {
  base::expect_members(
      document, {"schema", "firmware", "kernel", "initrd", "root", "commandLine", "suite", "packages", "inputs"}, name);
  const std::string where(name);
  if (document.at("schema").text() != schema) {
    throw base::Error(base::Kind::malformed,
                      where + ": schema: got '" + document.at("schema").text() + "', wanted '" + schema + "'");
  }
  BuiltImage image;
  image.firmware = read_file_json(document, "firmware", name);
  image.kernel = read_file_json(document, "kernel", name);
  image.initrd = read_file_json(document, "initrd", name);
  image.root = read_file_json(document, "root", name);
  const Json& command_line = document.at("commandLine");
  base::expect_members(command_line, {"text", "sha256"}, where + ": commandLine");
  image.command_line = command_line.at("text").text();
  if (read_digest(command_line.at("sha256"), where + ": commandLine.sha256") !=
      base::sha256(base::bytes_of(image.command_line)))
    throw base::Error(base::Kind::malformed, where + ": commandLine: its sha256 is not that of its text");
  image.suite = document.at("suite").text();
  for (const Json& package : document.at("packages").array()) image.packages.push_back(package.text());
  image.inputs = read_digest(document.at("inputs"), where + ": inputs");
  return image;
}

std::vector<std::string> installed_packages(std::string_view dpkg_status) {
  std::vector<std::string> packages;
  while (!dpkg_status.empty()) {
    const std::size_t end = std::min(dpkg_status.find("\n\n"), dpkg_status.size());
    const std::string_view paragraph = dpkg_status.substr(0, end);
    dpkg_status.remove_prefix(std::min(end + 2, dpkg_status.size()));
    if (field(paragraph, "Status: ") != "install ok installed") continue;
    const std::string name(field(paragraph, "Package: "));
    const std::string version(field(paragraph, "Version: "));
    if (name.empty() || version.empty())
      throw base::Error(base::Kind::malformed, "dpkg status: package '" + name + "' has no name or version");
    packages.push_back(name + "=" + version);
  }
  std::sort(packages.begin(), packages.end());
  return packages;
}

}  // namespace images
