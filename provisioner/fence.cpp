#include "provisioner/fence.h"

#include <sstream>

#include "base/error.h"
#include "tenants/derived_names.h"

namespace provisioner {
namespace {

/// A guest whose service is its owner's would be cut off from it, and never come back.
bool is_cut_off(const GuestStanding& guest, Waiting waiting) {
  if (!guest.service.empty()) return false;
  switch (guest.standing) {
    case Standing::attested:
    case Standing::owners:
      return false;
    case Standing::never_attested:
      return waiting == Waiting::is_over || guest.fenced;
    case Standing::refused:
    case Standing::lapsed:
    case Standing::ended:
    case Standing::off:
      return true;
  }
  return true;
}

base::GuestId guest_id(const base::TenantId& tenant, const std::string& guest) {
  const std::size_t slash = guest.find('/');
  const base::Pool pool =
      guest.substr(0, slash) == name_of(base::Pool::control) ? base::Pool::control : base::Pool::worker;
  return {tenant, pool, static_cast<unsigned>(std::stoul(guest.substr(slash + 1)))};
}

/// What follows `opening` in a line, up to `closing`.
std::string word_after(const std::string& line, const std::string& opening, char closing) {
  const std::size_t at = line.find(opening);
  if (at == std::string::npos) return {};
  const std::size_t start = at + opening.size();
  return line.substr(start, line.find(closing, start) - start);
}

}  // namespace

std::optional<std::set<std::string>> fence_change(const base::TenantId& tenant,
                                                  const std::vector<GuestStanding>& guests, Waiting waiting) {
  std::set<std::string> wanted, now;
  for (const GuestStanding& guest : guests) {
    if (guest.tenant != tenant || !guest.defined) continue;
    if (is_cut_off(guest, waiting)) wanted.insert(guest.guest);
    if (guest.fenced) now.insert(guest.guest);
  }
  return wanted == now ? std::nullopt : std::optional(wanted);
}

std::string fence_ruleset(const std::map<std::string, std::string>& guests) {
  std::string rules;
  for (const auto& [guest, address] : guests) {
    const std::string drop = " " + address + " drop comment \"" + guest + "\"\n";
    rules += "\t\tip saddr" + drop + "\t\tip daddr" + drop;
  }
  return std::string("table inet ") + fence_table +
         " {\n\tchain forward {\n\t\ttype filter hook forward priority -10; policy accept;\n" + rules + "\t}\n}\n";
}

std::set<std::string> guests_in_fence(const std::string& listing) {
  std::set<std::string> guests;
  std::istringstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    if (std::string guest = word_after(line, " drop comment \"", '"'); !guest.empty()) guests.insert(std::move(guest));
  }
  return guests;
}

std::string address_of(const base::TenantId& tenant, const std::string& guest, const std::string& port_filter_listing) {
  const std::string port = "iifname \"" + tenants::port_name(guest_id(tenant, guest)) + "\" ";
  std::istringstream lines(port_filter_listing);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(port) == std::string::npos) continue;
    if (std::string address = word_after(line, " ip saddr ", ' '); !address.empty()) return address;
  }
  throw base::Error(base::Kind::host,
                    "tenant " + tenant.name + "'s port filter does not have " + guest +
                        ", so it cannot be cut off; `bulkhead status` shows what drifted, apply again");
}

}  // namespace provisioner
