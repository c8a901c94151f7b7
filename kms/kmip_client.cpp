#include "kms/kmip_client.h"

#include "kms/provider_error.h"

namespace kms {
namespace {

constexpr unsigned most_tries = 3;

}  // namespace

base::Secret KmipClient::answered(KmipOperation operation, const base::Secret& request, Effect effect,
                                  const std::string& number) {
  for (unsigned tries = 1;; ++tries) {
    try {
      return transport_->exchange(request.view());
    } catch (const TransportError& error) {
      const bool safe = !error.sent() || effect != Effect::makes_one_more;
      // What was sent and changes something is not repeated here: whoever asked for it decides.
      if (tries < most_tries && (!error.sent() || effect == Effect::none)) continue;
      throw ProviderError(error.kind(), server_, number, std::string(name_of(operation)) + ": " + error.what(),
                          safe ? Retry::safe : Retry::unsafe);
    }
  }
}

KmipClient::Exchange KmipClient::exchange(KmipOperation operation, const base::Secret& request, Effect effect) {
  const std::string number = std::to_string(++requests_);
  base::Secret message = answered(operation, request, effect, number);
  try {
    KmipAnswer answer = parse_kmip_answer(message.view(), version_, operation);
    return {std::move(message), std::move(answer)};
  } catch (const base::Error& error) {
    malformed(operation, effect, error);
  }
}

void KmipClient::malformed(KmipOperation operation, Effect effect, const base::Error& error) const {
  throw ProviderError(error.kind(), server_, std::to_string(requests_),
                      std::string(name_of(operation)) + ": " + error.what(),
                      effect == Effect::makes_one_more ? Retry::unsafe : Retry::safe);
}

void KmipClient::refuse(KmipOperation operation, Effect effect, const KmipRefusal& refusal) const {
  Retry retry = Retry::useless;
  if (refusal.reason == static_cast<std::uint32_t>(KmipReason::general_failure))
    retry = effect == Effect::makes_one_more ? Retry::unsafe : Retry::safe;
  throw ProviderError(base::Kind::failure, server_, std::to_string(requests_),
                      std::string(name_of(operation)) + ": " + reason_text(refusal.reason) + ": " + refusal.message,
                      retry);
}

template <typename Read>
auto KmipClient::granted(KmipOperation operation, const base::Secret& request, Effect effect, const Read& read) {
  const Exchange got = exchange(operation, request, effect);
  if (got.answer.refusal) refuse(operation, effect, *got.answer.refusal);
  try {
    return read(got.answer.payload);
  } catch (const base::Error& error) {
    malformed(operation, effect, error);
  }
}

std::string KmipClient::create(const std::string& name) {
  return granted(KmipOperation::create, kmip_create(version_, name), Effect::makes_one_more, kmip_unique_identifier);
}

std::string KmipClient::register_secret(const std::string& name, base::Bytes secret) {
  return granted(KmipOperation::register_object, kmip_register_secret(version_, name, secret), Effect::makes_one_more,
                 kmip_unique_identifier);
}

void KmipClient::activate(const std::string& id) {
  granted(KmipOperation::activate, kmip_activate(version_, id), Effect::idempotent, kmip_unique_identifier);
}

base::Secret KmipClient::get(const std::string& id) {
  const auto copied = [](const TtlvItem& payload) { return base::Secret(base::buffer_of(kmip_aes_key(payload))); };
  return granted(KmipOperation::get, kmip_get(version_, id), Effect::none, copied);
}

std::optional<KmipState> KmipClient::state(const std::string& id) {
  const Exchange got = exchange(KmipOperation::get_attributes, kmip_get_attributes(version_, id), Effect::none);
  if (got.answer.refusal) {
    if (got.answer.refusal->reason == static_cast<std::uint32_t>(KmipReason::item_not_found)) return std::nullopt;
    refuse(KmipOperation::get_attributes, Effect::none, *got.answer.refusal);
  }
  try {
    return kmip_state(got.answer.payload, version_);
  } catch (const base::Error& error) {
    malformed(KmipOperation::get_attributes, Effect::none, error);
  }
}

void KmipClient::revoke(const std::string& id) {
  granted(KmipOperation::revoke, kmip_revoke(version_, id), Effect::idempotent, kmip_unique_identifier);
}

void KmipClient::destroy(const std::string& id) {
  granted(KmipOperation::destroy, kmip_destroy(version_, id), Effect::idempotent, kmip_unique_identifier);
}

std::vector<std::string> KmipClient::locate(const std::optional<std::string>& name) {
  return granted(KmipOperation::locate, kmip_locate(version_, name), Effect::none, kmip_unique_identifiers);
}

KmipServer KmipClient::query() {
  return granted(KmipOperation::query, kmip_query(version_), Effect::none, kmip_server);
}

}  // namespace kms
