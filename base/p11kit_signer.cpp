#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/ecdsa_p384.h"
#include "base/ecdsa_signature.h"
#include "base/error.h"
#include "base/pkcs11_signer.h"
#include "base/posix_files.h"

namespace base {
namespace {

constexpr std::size_t point_size = 97;  // 4, X and Y of a point on P-384

void expect(CK_RV result, const std::string& what) {
  if (result != CKR_OK) throw Error(Kind::host, "PKCS#11: cannot " + what + ": " + p11_kit_strerror(result));
}

struct FreeUri {
  void operator()(P11KitUri* uri) const noexcept { p11_kit_uri_free(uri); }
};
using Uri = std::unique_ptr<P11KitUri, FreeUri>;

Uri parse_uri(const std::string& text) {
  Uri uri(p11_kit_uri_new());
  const int result = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get());
  // The URI itself is not shown: it may have a PIN in it, though it must not.
  if (result != P11_KIT_URI_OK)
    throw Error(Kind::usage, std::string("key: ") + p11_kit_uri_message(result) + ", wanted a URI of RFC 7512");
  if (p11_kit_uri_get_pin_value(uri.get()) != nullptr)
    throw Error(Kind::usage, "key: pin-value shows the PIN to everybody, wanted pin-source=file:PATH");
  if (p11_kit_uri_any_unrecognized(uri.get()) != 0)
    throw Error(Kind::usage, "key: its PKCS#11 URI has an attribute that is not known");
  return uri;
}

/// The first line of the file the URI names; nullopt when it names none.
std::optional<Secret> read_pin(P11KitUri* uri) {
  const char* const source = p11_kit_uri_get_pin_source(uri);
  if (source == nullptr) return std::nullopt;
  std::string path = source;
  for (const std::string_view prefix : {"file://", "file:"})
    if (path.starts_with(prefix)) {
      path.erase(0, prefix.size());
      break;
    }
  if (!path.starts_with("/") && path.find_first_of("|:") != std::string::npos)
    throw Error(Kind::usage, "key: pin-source '" + path + "', wanted file:PATH");
  const Secret file = read_secret_file(path);
  const Bytes all = file.view();
  const auto end = std::find_if(all.begin(), all.end(), [](std::uint8_t c) { return c == '\n' || c == '\r'; });
  return Secret(Buffer(all.begin(), end));
}

/// PKCS#11 libraries: the one the URI names, else those p11-kit is configured for.
class Modules {
 public:
  explicit Modules(const char* path) {
    if (path == nullptr) {
      all_ = p11_kit_modules_load_and_initialize(0);
      if (all_ == nullptr) throw Error(Kind::host, std::string("PKCS#11: cannot load modules: ") + p11_kit_message());
      return;
    }
    one_[0] = p11_kit_module_load(path, 0);
    if (one_[0] == nullptr)
      throw Error(Kind::host, "PKCS#11: cannot load module " + std::string(path) + ": " + p11_kit_message());
    const CK_RV result = p11_kit_module_initialize(one_[0]);
    if (result == CKR_OK) return;
    p11_kit_module_release(one_[0]);
    expect(result, "initialize module " + std::string(path));
  }
  Modules(const Modules&) = delete;
  Modules& operator=(const Modules&) = delete;
  ~Modules() {
    if (all_ != nullptr) {
      p11_kit_modules_finalize_and_release(all_);
    } else {
      p11_kit_module_finalize(one_[0]);
      p11_kit_module_release(one_[0]);
    }
  }
  [[nodiscard]] CK_FUNCTION_LIST** list() { return all_ != nullptr ? all_ : one_.data(); }

 private:
  CK_FUNCTION_LIST** all_ = nullptr;
  std::array<CK_FUNCTION_LIST*, 2> one_{};
};

struct Token {
  CK_FUNCTION_LIST* module = nullptr;
  CK_SLOT_ID slot = 0;
  bool login_required = false;
};

void find_tokens(CK_FUNCTION_LIST* module, P11KitUri* uri, std::vector<Token>& found) {
  CK_INFO module_info{};
  if (module->C_GetInfo(&module_info) != CKR_OK || p11_kit_uri_match_module_info(uri, &module_info) == 0) return;
  CK_ULONG count = 0;
  expect(module->C_GetSlotList(CK_TRUE, nullptr, &count), "list tokens");
  std::vector<CK_SLOT_ID> slots(count);
  expect(module->C_GetSlotList(CK_TRUE, slots.data(), &count), "list tokens");
  slots.resize(std::min<std::size_t>(count, slots.size()));
  const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if ((wanted != static_cast<CK_SLOT_ID>(-1) && wanted != slot) || module->C_GetTokenInfo(slot, &info) != CKR_OK ||
        (info.flags & CKF_TOKEN_INITIALIZED) == 0 || p11_kit_uri_match_token_info(uri, &info) == 0)
      continue;
    found.push_back({module, slot, (info.flags & CKF_LOGIN_REQUIRED) != 0});
  }
}

/// One token and no other, so that no PIN is tried on a token it is not for.
Token find_token(Modules& modules, P11KitUri* uri) {
  std::vector<Token> found;
  for (CK_FUNCTION_LIST** module = modules.list(); *module != nullptr; ++module) find_tokens(*module, uri, found);
  if (found.size() == 1) return found.front();
  throw Error(Kind::failure, "PKCS#11: the key's URI fits " + std::to_string(found.size()) +
                                 " tokens, wanted one; name it with token= or serial=, its library with module-path=");
}

class Session {
 public:
  explicit Session(const Token& token) : module_(token.module) {
    expect(module_->C_OpenSession(token.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle_), "open a session");
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { module_->C_CloseSession(handle_); }

  void login(CK_USER_TYPE user, const Secret& pin) {
    auto* const text = const_cast<CK_UTF8CHAR_PTR>(pin.view().data());
    const CK_RV result = module_->C_Login(handle_, user, text, pin.size());
    if (result != CKR_USER_ALREADY_LOGGED_IN) expect(result, "log in");
  }

  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find(std::vector<CK_ATTRIBUTE> wanted) {
    expect(module_->C_FindObjectsInit(handle_, wanted.data(), wanted.size()), "look for objects");
    std::vector<CK_OBJECT_HANDLE> found(3);
    CK_ULONG count = 0;
    const CK_RV result = module_->C_FindObjects(handle_, found.data(), found.size(), &count);
    module_->C_FindObjectsFinal(handle_);
    expect(result, "look for objects");
    found.resize(count);
    return found;
  }

  /// Empty when the object does not have it.
  [[nodiscard]] Buffer attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    if (module_->C_GetAttributeValue(handle_, object, &wanted, 1) != CKR_OK ||
        wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION)
      return {};
    Buffer value(wanted.ulValueLen);
    wanted.pValue = value.data();
    expect(module_->C_GetAttributeValue(handle_, object, &wanted, 1), "read an attribute");
    return value;
  }

  /// @param again the PIN, for keys that want it before each signature
  [[nodiscard]] Buffer sign(CK_OBJECT_HANDLE key, Bytes hash, const Secret* again) {
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    expect(module_->C_SignInit(handle_, &mechanism, key), "start a signature");
    if (again != nullptr) login(CKU_CONTEXT_SPECIFIC, *again);
    Buffer signature(256);
    CK_ULONG size = signature.size();
    expect(module_->C_Sign(handle_, const_cast<CK_BYTE_PTR>(hash.data()), hash.size(), signature.data(), &size),
           "sign");
    signature.resize(size);
    return signature;
  }

 private:
  CK_FUNCTION_LIST* module_;
  CK_SESSION_HANDLE handle_ = 0;
};

CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), size};
}

CK_OBJECT_HANDLE find_private_key(Session& session, P11KitUri* uri) {
  const CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  std::vector<CK_ATTRIBUTE> wanted{attribute_of(CKA_CLASS, &kind, sizeof kind)};
  for (const CK_ATTRIBUTE_TYPE type : {CKA_ID, CKA_LABEL})
    if (const CK_ATTRIBUTE* given = p11_kit_uri_get_attribute(uri, type)) wanted.push_back(*given);
  const std::vector<CK_OBJECT_HANDLE> found = session.find(std::move(wanted));
  if (found.size() == 1) return found.front();
  throw Error(Kind::failure, std::string("PKCS#11: the key's URI fits ") + (found.empty() ? "no" : "several") +
                                 " private keys of the token, wanted one; name it with object= or id=");
}

/// The public key object that goes with a private key.
PublicKey find_public_key(Session& session, CK_OBJECT_HANDLE private_key) {
  const CK_OBJECT_CLASS kind = CKO_PUBLIC_KEY;
  const Buffer id = session.attribute(private_key, CKA_ID);
  const Buffer label = session.attribute(private_key, CKA_LABEL);
  const std::vector<CK_OBJECT_HANDLE> found = session.find(
      {attribute_of(CKA_CLASS, &kind, sizeof kind),
       id.empty() ? attribute_of(CKA_LABEL, label.data(), label.size()) : attribute_of(CKA_ID, id.data(), id.size())});
  if (found.size() != 1)
    throw Error(Kind::failure, "PKCS#11: the token has no public key with the private key's id, wanted one beside it");
  Buffer point = session.attribute(found.front(), CKA_EC_POINT);
  if (point.size() == point_size + 2 && point[0] == 4 && point[1] == point_size)
    point.erase(point.begin(), point.begin() + 2);
  if (point.size() != point_size || point[0] != 4)
    throw Error(Kind::failure, "PKCS#11: the key is not on P-384, wanted an EC P-384 key");
  P384Point numbers;
  std::copy_n(point.begin() + 1, numbers.x.size(), numbers.x.begin());
  std::copy_n(point.begin() + 1 + numbers.x.size(), numbers.y.size(), numbers.y.begin());
  return p384_public_key(numbers, "PKCS#11 key");
}

class TokenSigner final : public Signer {
 public:
  explicit TokenSigner(const Uri& uri)
      : pin_(read_pin(uri.get())),
        modules_(p11_kit_uri_get_module_path(uri.get())),
        token_(find_token(modules_, uri.get())),
        session_(token_) {
    if (pin_) {
      session_.login(CKU_USER, *pin_);
    } else if (token_.login_required) {
      throw Error(Kind::usage, "key: the token wants a PIN, wanted ?pin-source=file:PATH in its URI");
    }
    key_ = find_private_key(session_, uri.get());
    const Buffer always = session_.attribute(key_, CKA_ALWAYS_AUTHENTICATE);
    asks_again_ = !always.empty() && always[0] != 0;
    public_key_ = find_public_key(session_, key_);
  }
  [[nodiscard]] PublicKey public_key() const override { return *public_key_; }
  [[nodiscard]] Buffer sign(Bytes message) const override {
    const Sha384 hash = sha384(message);
    const Buffer raw = session_.sign(key_, hash.view(), asks_again_ && pin_ ? &*pin_ : nullptr);
    if (raw.size() != 96)
      throw Error(Kind::host, "PKCS#11: the token's signature has " + std::to_string(raw.size()) + " bytes, wanted 96");
    Buffer der = der_ecdsa_signature(raw);
    if (!public_key_->verifies(message, der))
      throw Error(Kind::host, "PKCS#11: the public key in the token does not verify what the private key signed");
    return der;
  }

 private:
  std::optional<Secret> pin_;
  Modules modules_;
  Token token_;
  mutable Session session_;
  CK_OBJECT_HANDLE key_ = 0;
  bool asks_again_ = false;
  std::optional<PublicKey> public_key_;
};

}  // namespace

std::unique_ptr<Signer> pkcs11_signer(const std::string& uri) {
  return std::make_unique<TokenSigner>(parse_uri(uri));
}

}  // namespace base
