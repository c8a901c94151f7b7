#include <algorithm>
#include <charconv>

#include "tenants/document_form.h"
#include "tenants/documents.h"

namespace tenants {
namespace {

using base::Json;

std::optional<unsigned> cpu_number(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = !text.empty() && text.size() <= 4 && problem == std::errc() && end == text.data() + text.size();
  return good ? std::optional(value) : std::nullopt;
}

/// "0-1,4" as {0, 1, 4}.
std::optional<std::vector<unsigned>> cpu_list(const std::string& text) {
  std::vector<unsigned> cpus;
  std::string_view rest = text;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    const std::size_t dash = part.find('-');
    const std::optional<unsigned> first = cpu_number(part.substr(0, dash));
    const std::optional<unsigned> last = dash == std::string_view::npos ? first : cpu_number(part.substr(dash + 1));
    if (!first || !last || *last < *first || cpus.size() > 10000) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  std::sort(cpus.begin(), cpus.end());
  const bool distinct = std::adjacent_find(cpus.begin(), cpus.end()) == cpus.end();
  return distinct ? std::optional(std::move(cpus)) : std::nullopt;
}

/// A lone CPU number is written in quotes: everything else here is text.
Form<std::vector<unsigned>> cpu_list_form() {
  Json::Object schema{{"pattern", "^[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*$"}};
  return text<std::vector<unsigned>>("CPU numbers such as '0-1,4', each once", std::move(schema), cpu_list);
}

Form<std::map<std::string, std::string>> labels_form() {
  const Form<std::string> value = line_form(64);
  const Form<std::string> key = word_form("a label of letters, digits, '.', '_', '/' and '-'", "._/-", 64);
  Json::Object schema{
      {"type", "object"}, {"additionalProperties", value.schema}, {"propertyNames", key.schema}, {"maxProperties", 64}};
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::map<std::string, std::string> labels;
            if (node.kind != Node::Kind::map || node.members.size() > 64) {
              report_unexpected(node, path, "a map of at most 64 labels", diagnostics);
              return std::optional<std::map<std::string, std::string>>();
            }
            for (const Member& member : node.members) {
              const Node name = node_of_key(member);
              const std::optional<std::string> label = key.read(name, path, diagnostics);
              const std::optional<std::string> content =
                  value.read(member.value, path + "." + member.key.substr(0, 40), diagnostics);
              if (label && content) labels[*label] = *content;
            }
            return std::optional(std::move(labels));
          }};
}

/// One of a few words that stand for themselves.
Form<std::string> word_of(std::initializer_list<const char*> words) {
  std::vector<std::pair<std::string, std::string>> same;
  for (const char* const word : words) same.emplace_back(word, word);
  return choice<std::string>(std::move(same));
}

Form<std::string> processor_id_form() {
  Json::Object schema{{"pattern", "^[0-9a-f]{16}$"}};
  return text<std::string>("16 hexadecimal digits in lower case", std::move(schema),
                           [](const std::string& digits) -> std::optional<std::string> {
                             const bool good = digits.size() == 16 &&
                                               digits.find_first_not_of("0123456789abcdef") == std::string::npos;
                             return good ? std::optional(digits) : std::nullopt;
                           });
}

void check_range(const UserIdRange& range, const Node&, const std::string& path, base::Diagnostics& diagnostics) {
  if (range.first <= range.last) return;
  diagnostics.error(range.where, path + ": expected first not above last, got '" + std::to_string(range.first) +
                                     "' and '" + std::to_string(range.last) + "'");
}

Form<SiteHost> host_form() {
  const Form<std::uint32_t> user_id = number_form<std::uint32_t>(1000, 4294967000U);
  const Form<SiteUplink> uplink = object<SiteUplink>(
      {required("name", &SiteUplink::name, name_form(), "What tenant files call it."),
       required("bridge", &SiteUplink::bridge, word_form("a bridge name of at most 15 characters", "-_.", 15),
                "The host's bridge.")});
  const Form<Storage> storage =
      object<Storage>({required("path", &Storage::path, absolute_path_form(), "Where tenants' files go.")});
  const Form<UserIdRange> ids = object<UserIdRange>({required("first", &UserIdRange::first, user_id, "The first."),
                                                     required("last", &UserIdRange::last, user_id, "The last.")},
                                                    check_range);
  return object<SiteHost>(
      {required("name", &SiteHost::name, name_form(), "The host's name."),
       required("uri", &SiteHost::uri, line_form(256), "libvirt's URI, such as `qemu:///system`."),
       optional("machine", &SiteHost::machine, word_form("a QEMU machine type", "-_.", 64),
                "QEMU's machine type; pin the host's newest, such as `pc-q35-"
                "10.0`: its version tells the measurement which QEMU loads the kernel. By default `q35`."),
       optional("reservedCpus", &SiteHost::reserved_cpus, cpu_list_form(),
                "CPUs guests never run on, such as `0-1,4`."),
       optional("storage", &SiteHost::storage, storage, "Where tenants' files go; by default /var/lib/bulkhead."),
       optional("uplinks", &SiteHost::uplinks, list_of(uplink, 0, 64), "Bridges that lead out."),
       optional("serviceUserIds", &SiteHost::service_user_ids, ids,
                "User ids for tenants' services; by default 64000 to 64999."),
       optional("supervision", &SiteHost::supervision,
                choice<Supervision>({{"systemd", Supervision::systemd}, {"child", Supervision::child}}),
                "How services are kept running; by default systemd."),
       optional(
           "vmm", &SiteHost::vmm, word_of({"qemu", "qemu-legacy"}),
           "How SNP guests are started: `qemu` (QEMU 9.1, KVM 6.11 and later) or `qemu-legacy` (AMD's older trees)."),
       optional("pageOrder", &SiteHost::page_order, word_of({"single-pass", "two-pass"}),
                "How pages are added to TDX guests: `two-pass` by Ubuntu 24.04's QEMU and kernel, else `single-pass`."),
       optional("processorId", &SiteHost::processor_id, processor_id_form(),
                "The processor's CPUID.1 EAX and EDX as SMBIOS has them, for TDX guests with `cpu: host`."),
       optional("labels", &SiteHost::labels, labels_form(), "Words of the operator's own.")});
}

void check_hosts(const Site& site, const Node&, const std::string& path, base::Diagnostics& diagnostics) {
  for (const SiteHost& host : site.hosts) {
    const auto same = [&](const SiteHost& other) { return other.name.value == host.name.value; };
    const SiteHost& first = *std::find_if(site.hosts.begin(), site.hosts.end(), same);
    if (&first == &host) continue;
    diagnostics.error(host.name.where, path + ".hosts: duplicate host '" + host.name.value + "'",
                      {{first.name.where, "first used here"}});
  }
}

const Form<Document<Site>>& site_form() {
  static const Form<Document<Site>> form = document_form(
      "Site",
      object<Site>({required("hosts", &Site::hosts, list_of(host_form(), 1, 256), "The site's hosts.")}, check_hosts),
      false);
  return form;
}

}  // namespace

std::optional<Site> parse_site(const base::SourceFile& file, base::Diagnostics& diagnostics) {
  std::optional<Document<Site>> document = read_document(site_form(), file, diagnostics);
  if (!document) return std::nullopt;
  document->spec.name = document->metadata.name.value;
  return std::move(document->spec);
}

base::Json site_schema() {
  return schema_of(site_form(), "Bulkhead site");
}

}  // namespace tenants
