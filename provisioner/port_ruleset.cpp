#include "provisioner/port_ruleset.h"

namespace provisioner {

std::string port_ruleset(const std::string& table, const std::vector<GuestPort>& ports) {
  std::string rules;
  for (const GuestPort& port : ports) {
    const std::string from = "\t\tiifname \"" + port.interface + "\" ",
                      speaker = from + "ether saddr " + port.mac + " ";
    rules += speaker + "arp saddr ether " + port.mac + " arp saddr ip " + port.address + " accept\n" + speaker +
             "ip saddr " + port.address + " accept\n" + from + "drop\n";
  }
  return "table bridge " + table +
         " {\n\tchain speakers {\n\t\ttype filter hook prerouting priority -300; policy accept;\n" + rules + "\t}\n}\n";
}

}  // namespace provisioner
