#include "provisioner/libvirt_domain.h"

#include <libvirt/libvirt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/json.h"
#include "provisioner/domain_metadata.h"
#include "provisioner/domain_xml.h"
#include "provisioner/marked_file.h"
#include "provisioner/network_xml.h"

namespace provisioner {
namespace {

struct FreeDomain {
  void operator()(virDomainPtr domain) const { ::virDomainFree(domain); }
};
using Domain = std::unique_ptr<virDomain, FreeDomain>;

/// nullopt when the domain is not there any more.
std::optional<std::string> xml_if_there(virDomainPtr domain, unsigned flags) {
  const std::unique_ptr<char, void (*)(void*)> text(::virDomainGetXMLDesc(domain, flags), std::free);
  if (text) return std::string(text.get());
  if (!is_gone_meanwhile()) throw_libvirt_error("cannot read a domain");
  return std::nullopt;
}

std::string xml_of(virDomainPtr domain, unsigned flags) {
  std::optional<std::string> text = xml_if_there(domain, flags);
  if (!text) throw_libvirt_error("cannot read a domain");
  return std::move(*text);
}

constexpr unsigned at_rest = VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE;

/// The definition with which the guest will start next.
std::string xml_at_rest(virDomainPtr domain) {
  return xml_of(domain, at_rest);
}

bool running(virDomainPtr domain) {
  int state = 0, reason = 0;
  if (::virDomainGetState(domain, &state, &reason, 0) != 0) throw_libvirt_error("cannot ask for a domain's state");
  return state == VIR_DOMAIN_RUNNING || state == VIR_DOMAIN_BLOCKED;
}

void stop(virDomainPtr domain) {
  const std::string name = ::virDomainGetName(domain);  // asked before: any call of libvirt forgets the last error
  if (::virDomainIsActive(domain) == 1 && ::virDomainDestroy(domain) != 0)
    throw_libvirt_error("cannot stop domain " + name);
}

void start(virDomainPtr domain) {
  const std::string name = ::virDomainGetName(domain);
  if (::virDomainIsActive(domain) != 1 && ::virDomainCreate(domain) != 0)
    throw_libvirt_error("cannot start domain " + name);
}

void undefine(virDomainPtr domain) {
  const std::string name = ::virDomainGetName(domain);
  if (::virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_KEEP_TPM | VIR_DOMAIN_UNDEFINE_MANAGED_SAVE) != 0)
    throw_libvirt_error("cannot undefine domain " + name);
}

std::string attribute(const std::string& xml, const std::string& opening) {
  const std::size_t start = xml.find(opening);
  if (start == std::string::npos) return {};
  return xml.substr(start + opening.size(), xml.find('\'', start + opening.size()) - start - opening.size());
}

/// libvirt writes a guest's process id when it starts it.
std::int64_t started_ms(const std::string& name) {
  struct stat status{};
  if (::stat(("/run/libvirt/qemu/" + name + ".pid").c_str(), &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

/// "worker/0" of "bh-acme-worker-0".
std::string guest_of(const std::string& domain, const base::TenantId& tenant) {
  std::string guest = domain.substr(std::min(domain.size(), std::string("bh-" + tenant.name + "-").size()));
  const std::size_t dash = guest.rfind('-');
  if (dash != std::string::npos) guest[dash] = '/';
  return guest;
}

/// virtlogd rolls a log over to .0 and on; the directory goes with its last log.
void remove_console_logs(const std::string& log) {
  if (log.empty()) return;
  ::unlink(log.c_str());
  for (const char* rolled : {".0", ".1", ".2"}) ::unlink((log + rolled).c_str());
  ::rmdir(log.substr(0, log.rfind('/')).c_str());
}

class LibvirtDomainDriver final : public DomainDriver {
 public:
  LibvirtDomainDriver(std::shared_ptr<LibvirtConnection> connection, IdAuthentications id_authentications)
      : connection_(std::move(connection)), id_authentications_(std::move(id_authentications)) {}

  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::domain; }

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    virDomainPtr* domains = nullptr;
    const int count = ::virConnectListAllDomains(connection_->get(), &domains, 0);
    if (count < 0) throw_libvirt_error("cannot list domains");
    for (int i = 0; i < count; ++i) {
      const Domain domain(domains[i]);
      const std::optional<std::string> xml = xml_if_there(domain.get(), at_rest);
      const std::optional<OwnerMark> mark = xml ? metadata_mark(*xml) : std::nullopt;
      if (mark) found.push_back({::virDomainGetName(domain.get()), *mark});
    }
    std::free(domains);
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    refuse_foreign(tenant, wanted.name);
    UndoUnlessDone undo([this, tenant, name = wanted.name] { remove(tenant, name); });
    define_and_start(tenant, wanted);
    return undo.done();
  }

  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    const Domain before = find(old.name);
    if (!before) return make(tenant, wanted);
    UndoUnlessDone undo([this, name = old.name, xml = xml_at_rest(before.get()), was_running = running(before.get())] {
      restore(name, xml, was_running);
    });
    stop(before.get());
    define_and_start(tenant, wanted);
    return undo.done();
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (!has(tenant, name)) return;
    const Domain domain = find(name);
    const std::string log = attribute(xml_at_rest(domain.get()), "<log file='");
    stop(domain.get());
    undefine(domain.get());
    remove_console_logs(log);
  }

  std::vector<GuestRuntime> guests(const base::TenantId& tenant) override {
    std::vector<GuestRuntime> found;
    for (const MarkedThing& thing : marked()) {
      if (thing.mark.tenant != tenant) continue;
      const Domain domain = find(thing.name);
      const bool on = domain && running(domain.get());
      const std::string xml = domain ? xml_at_rest(domain.get()) : std::string();
      found.push_back({guest_of(thing.name, tenant), thing.name, on, on ? started_ms(thing.name) : 0,
                       attribute(xml, "<log file='"), owners_service_in(xml)});
    }
    std::sort(found.begin(), found.end(),
              [](const GuestRuntime& a, const GuestRuntime& b) { return a.guest < b.guest; });
    return found;
  }

 protected:
  bool exists(const std::string& name) override { return find(name) != nullptr; }

  std::string drift(const MarkedThing& thing) override {
    const Domain domain = find(thing.name);
    if (!domain) return "gone";
    const std::string defined = xml_at_rest(domain.get());
    if (std::string changed = definition_drift(defined); !changed.empty()) return changed;
    if (!running(domain.get())) return "not running";
    return running_drift(xml_of(domain.get(), 0), defined);
  }

 private:
  Domain find(const std::string& name) const {
    return Domain(::virDomainLookupByName(connection_->get(), name.c_str()));
  }

  Domain define(const std::string& name, const std::string& xml) const {
    Domain domain(::virDomainDefineXMLFlags(connection_->get(), xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
    if (!domain) throw_libvirt_error("cannot define domain " + name);
    return domain;
  }

  void define_and_start(const base::TenantId& tenant, const Resource& wanted) const {
    base::expect_members(wanted.body, {"xml", "idKeyDigest", "authorKeyDigest"}, "body of domain " + wanted.name);
    const OwnerMark mark = mark_of(tenant, wanted);
    const std::string xml = with_id_authentication(wanted.body.at("xml").text(), id_authentications_);
    const Domain domain = define(wanted.name, with_metadata(xml, mark));
    if (wanted.name != ::virDomainGetName(domain.get())) {
      undefine(domain.get());
      throw base::Error(base::Kind::failure, "the definition of domain " + wanted.name + " has another name");
    }
    const std::string metadata = defined_metadata(mark, xml_at_rest(domain.get()));
    if (::virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_ELEMENT, metadata.c_str(), "bulkhead",
                               metadata_namespace, VIR_DOMAIN_AFFECT_CONFIG) != 0)
      throw_libvirt_error("cannot mark domain " + wanted.name);
    make_store_directories(attribute(xml_at_rest(domain.get()), "<log file='"));
    start(domain.get());
  }

  void restore(const std::string& name, const std::string& xml, bool was_running) const {
    if (const Domain now = find(name)) stop(now.get());
    const Domain domain = define(name, xml);
    if (was_running) start(domain.get());
  }

  std::shared_ptr<LibvirtConnection> connection_;
  IdAuthentications id_authentications_;
};

}  // namespace

std::unique_ptr<DomainDriver> make_domain_driver(std::shared_ptr<LibvirtConnection> connection,
                                                 IdAuthentications id_authentications) {
  return std::make_unique<LibvirtDomainDriver>(std::move(connection), std::move(id_authentications));
}

}  // namespace provisioner
