#include "provisioner/domain_metadata.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "provisioner/network_xml.h"

namespace provisioner {
namespace {

std::string between(const std::string& xml, const std::string& from, const std::string& to) {
  const std::size_t start = xml.find(from);
  if (start == std::string::npos) return {};
  const std::size_t end = xml.find(to, start + from.size());
  return end == std::string::npos ? std::string() : xml.substr(start + from.size(), end - start - from.size());
}

/// What stands between the end of the tag that begins with `tag` and `close`.
std::string content(const std::string& xml, const std::string& tag, const std::string& close) {
  const std::string element = between(xml, tag, close);
  const std::size_t end = element.find('>');
  return end == std::string::npos ? std::string() : element.substr(end + 1);
}

std::string digest_of(const std::string& xml) {
  return base::sha256(base::bytes_of(without_metadata(xml))).hex();
}

std::string difference(const std::vector<LaunchWord>& before, const std::vector<LaunchWord>& now) {
  std::string text;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == now[i]) continue;
    text += (text.empty() ? "" : ", ") + before[i].name + " " + before[i].value + " -> " + now[i].value;
  }
  return text;
}

}  // namespace

std::vector<LaunchWord> launch_words(const std::string& xml) {
  const std::string boot = between(xml, "<os", "</os>");
  return {{"vcpu", content(xml, "<vcpu", "</vcpu>")},           {"memory", content(xml, "<memory ", "</memory>")},
          {"machine", between(boot, "machine='", "'")},         {"loader", content(boot, "<loader", "</loader>")},
          {"kernel", between(boot, "<kernel>", "</kernel>")},   {"initrd", between(boot, "<initrd>", "</initrd>")},
          {"cmdline", between(boot, "<cmdline>", "</cmdline>")}};
}

std::string without_metadata(const std::string& xml) {
  const std::string close = "</metadata>\n";
  const std::size_t start = xml.find("  <metadata>"), end = xml.find(close);
  if (start == std::string::npos || end == std::string::npos || end < start) return xml;
  return xml.substr(0, start) + xml.substr(end + close.size());
}

std::string with_metadata(const std::string& xml, const OwnerMark& mark, const std::string& uuid_end) {
  const std::size_t at = xml.find(uuid_end);
  if (at == std::string::npos) throw base::Error(base::Kind::failure, "a domain definition without a uuid");
  std::string text = xml;
  return text.insert(at + uuid_end.size(), "\n  <metadata>" + metadata_xml(mark) + "</metadata>");
}

std::string defined_metadata(const OwnerMark& mark, const std::string& defined) {
  std::string extra = " defined='" + digest_of(defined) + "'";
  for (const LaunchWord& word : launch_words(defined)) extra += " " + word.name + "='" + word.value + "'";
  return "<owner tenant='" + base::xml_escaped(mark.tenant.name) + "' digest='" + mark.digest.hex() + "'" + extra +
         "/>";
}

std::string definition_drift(const std::string& xml) {
  const std::string defined = metadata_attribute(xml, "defined");
  if (defined.empty()) return "not completely defined";
  if (defined == digest_of(xml)) return {};
  std::vector<LaunchWord> before = launch_words(xml);
  for (LaunchWord& word : before) word.value = metadata_attribute(xml, word.name);
  const std::string words = difference(before, launch_words(xml));
  return words.empty() ? "definition changed" : words;
}

std::string running_drift(const std::string& running, const std::string& at_rest) {
  const std::string words = difference(launch_words(at_rest), launch_words(running));
  return words.empty() ? std::string() : "running with " + words;
}

}  // namespace provisioner
