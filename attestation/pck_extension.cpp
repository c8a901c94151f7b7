#include "attestation/pck_extension.h"

#include <bitset>
#include <string>

#include "base/der_reader.h"

namespace attestation {
namespace {

using base::DerReader;
using base::DerTag;

constexpr std::uint64_t largest_component = 0xFF;
constexpr std::uint64_t largest_pce_svn = 0xFFFF;
constexpr unsigned components = 16;
constexpr unsigned pce_svn_member = 17, cpu_svn_member = 18;
constexpr unsigned most_members = 18;
constexpr unsigned mandatory_members = 5;

/// The members of one SEQUENCE of (prefix.N, value), each N at most once.
class Members {
 public:
  Members(DerReader& list, std::string prefix) : list_(list), prefix_(std::move(prefix) + ".") {}

  /// Reads the next pair's identifier and returns its N and a reader that stands before the value.
  std::pair<unsigned, DerReader> next() {
    DerReader pair = list_.sequence();
    const std::string name = pair.object_identifier();
    unsigned number = 0;
    if (name.starts_with(prefix_)) {
      for (const char digit : name.substr(prefix_.size())) {
        if (digit == '.' || number > most_members) {
          number = 0;
          break;
        }
        number = 10 * number + static_cast<unsigned>(digit - '0');
      }
    }
    if (number == 0 || number > most_members) pair.fail("member " + name + ", wanted one of " + prefix_ + "N");
    if (seen_.test(number)) pair.fail("member " + name + " a second time");
    seen_.set(number);
    return {number, pair};
  }
  [[nodiscard]] bool done() const { return list_.done(); }
  [[noreturn]] void unknown(unsigned number) const { list_.fail("unknown member " + prefix_ + std::to_string(number)); }
  /// Fails unless members 1 to `last` were there.
  void expect_all(unsigned last) const {
    for (unsigned number = 1; number <= last; ++number)
      if (!seen_.test(number)) list_.fail("no member " + prefix_ + std::to_string(number));
  }

 private:
  DerReader& list_;
  std::string prefix_;
  std::bitset<most_members + 1> seen_;
};

void read_tcb(DerReader list, PckExtension& extension) {
  Members members(list, std::string(sgx_extension_oid) + ".2");
  while (!members.done()) {
    auto [number, value] = members.next();
    if (number <= components) {
      extension.component_svns[number - 1] = static_cast<std::uint8_t>(value.number(largest_component));
    } else if (number == pce_svn_member) {
      extension.pce_svn = static_cast<std::uint16_t>(value.number(largest_pce_svn));
    } else {
      extension.cpu_svn = value.octets<16>();
    }
    value.expect_end();
  }
  members.expect_all(cpu_svn_member);
}

PckExtension::Configuration read_configuration(DerReader list) {
  PckExtension::Configuration configuration;
  Members members(list, std::string(sgx_extension_oid) + ".7");
  while (!members.done()) {
    auto [number, value] = members.next();
    if (number > 3) members.unknown(number);
    std::optional<bool>& field = number == 1   ? configuration.dynamic_platform
                                 : number == 2 ? configuration.cached_keys
                                               : configuration.smt_enabled;
    field = value.boolean();
    value.expect_end();
  }
  return configuration;
}

void read_member(unsigned number, DerReader& value, PckExtension& extension) {
  switch (number) {
    case 1:
      extension.ppid = value.octets<16>();
      break;
    case 2:
      read_tcb(value.sequence(), extension);
      break;
    case 3:
      extension.pce_id = value.octets<2>();
      break;
    case 4:
      extension.fmspc = value.octets<6>();
      break;
    case 5:
      extension.type = static_cast<PckExtension::Type>(value.number(2, DerTag::enumerated));
      break;
    case 6:
      extension.platform_instance_id = value.octets<16>();
      break;
    default:
      extension.configuration = read_configuration(value.sequence());
  }
}

}  // namespace

PckExtension parse_pck_extension(base::Bytes der) {
  DerReader whole("SGX extension", der);
  DerReader list = whole.sequence();
  whole.expect_end();
  PckExtension extension;
  Members members(list, sgx_extension_oid);
  while (!members.done()) {
    auto [number, value] = members.next();
    if (number > 7) members.unknown(number);
    read_member(number, value, extension);
    value.expect_end();
  }
  members.expect_all(mandatory_members);
  return extension;
}

}  // namespace attestation
