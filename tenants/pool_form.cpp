#include <map>

#include "tenants/tenant_forms.h"

namespace tenants {
namespace {

Form<Volume> volume_form() {
  return object<Volume>(
      {required("name", &Volume::name, name_form(), "The volume's name, distinct in its pool."),
       required("size", &Volume::size, size_form(1), "Its size."),
       optional("shared", &Volume::shared, flag_form(), "One volume for all guests of the pool; must be readOnly."),
       optional("readOnly", &Volume::read_only, flag_form(), "Whether guests may only read it.")});
}

void check_pool(const NodePool& pool, const Node&, const std::string& path, base::Diagnostics& diagnostics) {
  std::map<std::string, base::SourcePosition> names;
  for (const Volume& volume : pool.volumes) {
    const auto [first, fresh] = names.try_emplace(volume.name.value, volume.name.where);
    if (!fresh) {
      diagnostics.error(volume.name.where, path + ".volumes: duplicate volume '" + volume.name.value + "'",
                        {{first->second, "first used here"}});
    }
  }
  const std::size_t given = pool.addresses.size();
  if (given == 0 || given == pool.count.value) return;
  diagnostics.error(pool.addresses.front().where,
                    path + ".addresses: expected one for each of " + std::to_string(pool.count.value) +
                        " guests, got " + std::to_string(given),
                    {{pool.count.where, "this many guests"}});
}

Form<NodePool> pool_form() {
  const Form<std::string> model = word_form("a QEMU CPU model", "-_.", 64);
  return object<NodePool>(
      {required("count", &NodePool::count, number_form<unsigned>(1, 64), "How many guests."),
       required("vcpus", &NodePool::vcpus, number_form<unsigned>(1, 512), "Virtual CPUs of each guest."),
       required("cpu", &NodePool::cpu, model, "QEMU's name of the CPU model, such as `EPYC-Milan`."),
       required("memory", &NodePool::memory, size_form(128), "Memory of each guest, at least 128MiB."),
       required("network", &NodePool::network, name_form(), "The network of the pool, one of `spec.networks`."),
       optional("launchPolicy", &NodePool::hardware, pool_launch_policy_form(),
                "What the hardware below this pool must be, instead of what `spec.launchPolicy` says."),
       optional("volumes", &NodePool::volumes, list_of(volume_form(), 0, 16), "Volumes of each guest."),
       optional("bootstrap", &NodePool::bootstrap, path_form(), "Path of what a guest is given once it is attested."),
       optional("addresses", &NodePool::addresses, list_of(located(ipv4_form()), 1, 64),
                "One address for each guest; by default those from the tenth of the subnet on.")},
      check_pool);
}

}  // namespace

Form<Pools> pools_form() {
  const Form<NodePool> pool = pool_form();
  return object<Pools>({required("control", &Pools::control, pool, "The control plane's guests."),
                        required("worker", &Pools::worker, pool, "The guests that run the load.")});
}

Form<HostIsolation> isolation_form() {
  const Form<bool> shared_or_dedicated = choice<bool>({{"shared", false}, {"dedicated", true}});
  return object<HostIsolation>(
      {optional("hosts", &HostIsolation::dedicated_hosts, shared_or_dedicated, "Whether hosts run other tenants too."),
       optional("control", &HostIsolation::separate_control_host,
                choice<bool>({{"any", false}, {"separate-host", true}}),
                "Whether control guests need a host without workers."),
       optional("cores", &HostIsolation::dedicated_cores, shared_or_dedicated, "Whether cores run other tenants too."),
       optional("cache", &HostIsolation::cache, size_form(1), "Last-level cache of its own."),
       optional("confidentialSlots", &HostIsolation::confidential_slots, number_form<unsigned>(1, 512),
                "How many ASIDs or key ids the tenant may take.")});
}

}  // namespace tenants
