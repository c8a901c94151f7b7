#include "provisioner/iproute2_links.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "provisioner/network_namespace_thread.h"

namespace provisioner {
namespace {

std::string text_member(const base::Json& object, const char* name) {
  const base::Json* const member = object.find(name);
  return member != nullptr && member->is_string() ? member->text() : std::string();
}

Link link_of(const base::Json& object) {
  Link link{object.at("ifname").text(), {}, text_member(object, "master"), text_member(object, "ifalias"), false};
  if (const base::Json* const info = object.find("linkinfo"); info != nullptr)
    link.kind = text_member(*info, "info_kind");
  for (const base::Json& flag : object.at("flags").array()) link.up = link.up || flag == base::Json("UP");
  return link;
}

std::vector<std::string> command(const NetworkNamespace& where, std::vector<std::string> arguments) {
  std::vector<std::string> argv = {"ip"};
  if (!where.name.empty()) argv.insert(argv.end(), {"-netns", where.name});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

/// Kernel settings are files that exist already and take one write.
void write_setting(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/" + name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written = file >= 0 && ::write(file, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!written)
    throw base::Error(base::Kind::host, "cannot set " + path + " to " + value + ": " + std::strerror(reason));
}

}  // namespace

std::vector<Link> links(const NetworkNamespace& where) {
  const std::string output = base::run_or_throw(command(where, {"-details", "-json", "link", "show"}));
  std::vector<Link> found;
  const base::Json json = base::Json::parse(output.empty() ? "[]" : output, "output of ip");
  for (const base::Json& object : json.array()) found.push_back(link_of(object));
  return found;
}

std::optional<Link> find_link(const NetworkNamespace& where, const std::string& name) {
  for (Link& link : links(where)) {
    if (link.name == name) return std::move(link);
  }
  return std::nullopt;
}

void ip(const NetworkNamespace& where, std::vector<std::string> arguments) {
  base::run_or_throw(command(where, std::move(arguments)));
}

std::vector<std::string> network_namespaces() {
  const std::string output = base::run_or_throw({"ip", "-json", "netns", "list"});
  std::vector<std::string> names;
  if (output.find('[') == std::string::npos) return names;
  const base::Json json = base::Json::parse(output, "output of ip netns");
  for (const base::Json& object : json.array()) names.push_back(object.at("name").text());
  return names;
}

void set_kernel(const NetworkNamespace& where, const std::vector<std::pair<std::string, std::string>>& settings) {
  in_network_namespace(where.name, [&] {
    for (const auto& [name, value] : settings) write_setting(name, value);
  });
}

std::vector<std::string> kernel_settings(const NetworkNamespace& where, const std::vector<std::string>& names) {
  std::vector<std::string> values;
  in_network_namespace(where.name, [&] {
    for (const std::string& name : names) {
      std::string value = base::read_file_if_any("/proc/sys/" + name).value_or("");
      while (!value.empty() && value.back() == '\n') value.pop_back();
      values.push_back(std::move(value));
    }
  });
  return values;
}

}  // namespace provisioner
