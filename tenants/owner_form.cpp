#include "base/initdata.h"
#include "tenants/tenant_forms.h"

namespace tenants {
namespace {

Form<Placement> placement_form() {
  return choice<Placement>(
      {{"owner", Placement::owner}, {"guest", Placement::guest}, {"operatorHost", Placement::operator_host}});
}

Form<KmsProvider> provider_form() {
  return choice<KmsProvider>({{"embedded", KmsProvider::embedded},
                              {"openbao", KmsProvider::openbao},
                              {"kmip", KmsProvider::kmip},
                              {"pkcs11", KmsProvider::pkcs11}});
}

Form<std::vector<Located<std::string>>> tenant_names_form() {
  return list_of(located(name_form()), 1, 100);
}

void check_attestation(const AttestationService& service, const Node&, const std::string& path,
                       base::Diagnostics& diagnostics) {
  const ServiceUrl& url = service.url.value;
  if (service.placement.value != Placement::operator_host) return;
  if (!url.address) {
    diagnostics.error(
        service.url.where,
        path + ".url: expected https://IPv4:PORT because placement is operatorHost, got '" + url.text + "'");
  } else if (url.port < 1024) {
    diagnostics.error(service.url.where,
                      path + ".url: expected a port from 1024 to 65535 because the service has no privileges, got '" +
                          std::to_string(url.port) + "'");
  }
}

Form<AttestationService> attestation_form() {
  using Service = AttestationService;
  return object<Service>(
      {required("placement", &Service::placement, placement_form(),
                "Where it runs; `operatorHost` protects against other tenants only."),
       required("url", &Service::url, service_url_form(false), "Where guests reach it; `apply` wants an IPv4 address."),
       required("ca", &Service::ca, path_form(), "Path of the PEM certificate guests pin."),
       optional("sharedWith", &Service::shared_with, tenant_names_form(),
                "Tenants that use the same service; both sides say so.")},
      check_attestation);
}

void check_passport(const Kms& kms, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
  if (kms.provider.value != KmsProvider::openbao)
    diagnostics.error(kms.model->where, path + ".model: expected backgroundCheck because provider is " +
                                            name_of(kms.provider.value) +
                                            ", which knows no guest by its certificate; passport needs openbao");
  if (kms.certificate)
    diagnostics.error(kms.certificate->where,
                      path + ".certificate: expected none because model is passport: the service shows the KMS none");
  for (const auto& [key, text] : {std::pair{".namespace", kms.name_space}, std::pair{".mount", kms.mount}}) {
    if (text.empty() || base::is_kms_path(text)) continue;
    diagnostics.error(node.named_at,
                      path + key +
                          ": expected letters, digits, '-' and '_' in parts between single slashes because "
                          "model is passport, got '" +
                          text + "'");
  }
}

void check_kms(const Kms& kms, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
  const bool embedded = kms.provider.value == KmsProvider::embedded;
  const bool remote = kms.provider.value == KmsProvider::openbao || kms.provider.value == KmsProvider::kmip;
  if (embedded && kms.url) diagnostics.error(kms.url->where, path + ".url: expected none because provider is embedded");
  if (remote && (!kms.url || !kms.ca)) {
    diagnostics.error(node.named_at,
                      path + ": missing key '" + (kms.url ? "ca" : "url") + "', which this provider needs");
  }
  if (kms.token && kms.provider.value != KmsProvider::pkcs11)
    diagnostics.error(kms.token->where, path + ".token: expected none because provider is not pkcs11");
  if (kms.certificate && !remote)
    diagnostics.error(kms.certificate->where,
                      path + ".certificate: expected none because provider is neither openbao nor kmip");
  if (kms.is_passport()) check_passport(kms, node, path, diagnostics);
}

Form<KmsModel> model_form() {
  return choice<KmsModel>({{"backgroundCheck", KmsModel::background_check}, {"passport", KmsModel::passport}});
}

Form<Kms> kms_form() {
  return object<Kms>({required("placement", &Kms::placement, placement_form(), "Where it runs."),
                      required("provider", &Kms::provider, provider_form(), "What it is."),
                      optional("url", &Kms::url, service_url_form(true), "Where it is reached; not for `embedded`."),
                      optional("ca", &Kms::ca, path_form(), "Path of the PEM certificate that is pinned."),
                      optional("namespace", &Kms::name_space, line_form(128), "OpenBao's namespace of this tenant."),
                      optional("mount", &Kms::mount, line_form(128),
                               "OpenBao's engines of this tenant are MOUNT/kv and MOUNT/transit; by default kv and "
                               "transit."),
                      optional("model", &Kms::model, model_form(),
                               "Who asks for a guest's keys: the attestation service, the default, or with `passport` "
                               "the guest itself; `openbao` only."),
                      optional("token", &Kms::token, line_form(32), "The label of the PKCS#11 token."),
                      optional("certificate", &Kms::certificate, path_form(),
                               "Path of the PEM certificate that the service shows the KMS; `kmip` needs it."),
                      optional("sharedWith", &Kms::shared_with, tenant_names_form(),
                               "Tenants that use the same endpoint; both sides say so.")},
                     check_kms);
}

void check_owner(const Owner& owner, const Node&, const std::string& path, base::Diagnostics& diagnostics) {
  if (owner.author_key && !owner.id_key)
    diagnostics.error(owner.author_key->where, path + ".authorKey: expected an idKey beside it, which it vouches for");
}

}  // namespace

Form<Owner> owner_form() {
  return object<Owner>(
      {required("name", &Owner::name, name_form(), "The owner's name."),
       required("approvalKey", &Owner::approval_key, path_form(),
                "Path of the PEM public key that verifies this owner's approvals."),
       optional("idKey", &Owner::id_key, path_form(),
                "Path of the PEM public key, or `pkcs11:` URI, of the P-384 key that signs the ID "
                "blocks; `snp` only."),
       optional("authorKey", &Owner::author_key, path_form(), "The same of the key that vouches for the `idKey`."),
       optional("recoveryKey", &Owner::recovery_key, path_form(),
                "Path of the EC P-256 PEM public key to which guests seal a key of each of their volumes."),
       optional("attestation", &Owner::attestation, attestation_form(), "The attestation service."),
       optional("kms", &Owner::kms, kms_form(), "The key management service.")},
      check_owner);
}

}  // namespace tenants
