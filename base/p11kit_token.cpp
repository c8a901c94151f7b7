#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/p11kit_uri.h"
#include "base/pkcs11_token.h"

namespace base {
namespace {

using p11kit::parse_uri;
using p11kit::read_pin;
using p11kit::Uri;

void expect(CK_RV result, const std::string& what) {
  if (result != CKR_OK) throw Error(Kind::host, "PKCS#11: cannot " + what + ": " + p11_kit_strerror(result));
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

CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), size};
}

class Session {
 public:
  Session(const Token& token, Pkcs11Access access) : module_(token.module) {
    const CK_FLAGS writes = access == Pkcs11Access::make_keys ? CKF_RW_SESSION : 0;
    expect(module_->C_OpenSession(token.slot, CKF_SERIAL_SESSION | writes, nullptr, nullptr, &handle_),
           "open a session");
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { module_->C_CloseSession(handle_); }

  void login(CK_USER_TYPE user, const Secret& pin) {
    auto* const text = const_cast<CK_UTF8CHAR_PTR>(pin.view().data());
    const CK_RV result = module_->C_Login(handle_, user, text, pin.size());
    if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN) return;
    throw Pkcs11LoginRefused(Kind::host, std::string("PKCS#11: cannot log in: ") + p11_kit_strerror(result));
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
  [[nodiscard]] Buffer sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE type, Bytes text, const Secret* again) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    expect(module_->C_SignInit(handle_, &mechanism, key), "start a signature");
    if (again != nullptr) login(CKU_CONTEXT_SPECIFIC, *again);
    Buffer signature(256);
    CK_ULONG size = signature.size();
    expect(module_->C_Sign(handle_, const_cast<CK_BYTE_PTR>(text.data()), text.size(), signature.data(), &size),
           "sign");
    signature.resize(size);
    return signature;
  }

  /// A pair that stays in the token and signs, and does nothing else.
  [[nodiscard]] Pkcs11Token::KeyPair generate(const Pkcs11KeyTemplate& wanted) {
    static const CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY, private_class = CKO_PRIVATE_KEY;
    static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    const CK_KEY_TYPE type = wanted.key_type;
    const std::vector<CK_ATTRIBUTE> both{attribute_of(CKA_KEY_TYPE, &type, sizeof type),
                                         attribute_of(CKA_TOKEN, &yes, sizeof yes),
                                         attribute_of(CKA_LABEL, wanted.label.data(), wanted.label.size()),
                                         attribute_of(CKA_ID, wanted.id.data(), wanted.id.size())};
    std::vector<CK_ATTRIBUTE> for_public{attribute_of(CKA_CLASS, &public_class, sizeof public_class),
                                         attribute_of(CKA_VERIFY, &yes, sizeof yes),
                                         attribute_of(CKA_EC_PARAMS, wanted.curve.data(), wanted.curve.size())};
    std::vector<CK_ATTRIBUTE> for_private{attribute_of(CKA_CLASS, &private_class, sizeof private_class),
                                          attribute_of(CKA_PRIVATE, &yes, sizeof yes),
                                          attribute_of(CKA_SENSITIVE, &yes, sizeof yes),
                                          attribute_of(CKA_EXTRACTABLE, &no, sizeof no),
                                          attribute_of(CKA_SIGN, &yes, sizeof yes),
                                          attribute_of(CKA_DECRYPT, &no, sizeof no),
                                          attribute_of(CKA_UNWRAP, &no, sizeof no),
                                          attribute_of(CKA_DERIVE, &no, sizeof no)};
    for_public.insert(for_public.end(), both.begin(), both.end());
    for_private.insert(for_private.end(), both.begin(), both.end());
    CK_MECHANISM mechanism{wanted.mechanism, nullptr, 0};
    Pkcs11Token::KeyPair pair;
    expect(module_->C_GenerateKeyPair(handle_, &mechanism, for_public.data(), for_public.size(), for_private.data(),
                                      for_private.size(), &pair.public_key, &pair.private_key),
           "make a key pair");
    return pair;
  }
  [[nodiscard]] CK_OBJECT_HANDLE generate_wrapping_key(const std::string& label, Bytes id) {
    static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE type = CKK_AES;
    static const CK_ULONG size = 32;
    static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    std::vector<CK_ATTRIBUTE> attributes{attribute_of(CKA_CLASS, &secret_class, sizeof secret_class),
                                         attribute_of(CKA_KEY_TYPE, &type, sizeof type),
                                         attribute_of(CKA_VALUE_LEN, &size, sizeof size),
                                         attribute_of(CKA_TOKEN, &yes, sizeof yes),
                                         attribute_of(CKA_LABEL, label.data(), label.size()),
                                         attribute_of(CKA_ID, id.data(), id.size()),
                                         attribute_of(CKA_PRIVATE, &yes, sizeof yes),
                                         attribute_of(CKA_SENSITIVE, &yes, sizeof yes),
                                         attribute_of(CKA_EXTRACTABLE, &no, sizeof no),
                                         attribute_of(CKA_WRAP, &yes, sizeof yes),
                                         attribute_of(CKA_UNWRAP, &yes, sizeof yes),
                                         attribute_of(CKA_ENCRYPT, &no, sizeof no),
                                         attribute_of(CKA_DECRYPT, &no, sizeof no),
                                         attribute_of(CKA_SIGN, &no, sizeof no),
                                         attribute_of(CKA_DERIVE, &no, sizeof no)};
    CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE key = 0;
    expect(module_->C_GenerateKey(handle_, &mechanism, attributes.data(), attributes.size(), &key), "make a key");
    return key;
  }
  void destroy(CK_OBJECT_HANDLE object) { expect(module_->C_DestroyObject(handle_, object), "destroy a key"); }

  /// RFC 3394, by the token. The key is an object of this session for as long as it takes.
  [[nodiscard]] Buffer wrap(CK_OBJECT_HANDLE kek, Bytes key) {
    std::vector<CK_ATTRIBUTE> attributes = plain_key_attributes();
    attributes.push_back(attribute_of(CKA_VALUE, key.data(), key.size()));
    CK_OBJECT_HANDLE object = 0;
    expect(module_->C_CreateObject(handle_, attributes.data(), attributes.size(), &object), "take the key to wrap");
    CK_MECHANISM mechanism{CKM_AES_KEY_WRAP, nullptr, 0};
    Buffer wrapped(key.size() + 64);
    CK_ULONG size = wrapped.size();
    const CK_RV result = module_->C_WrapKey(handle_, &mechanism, kek, object, wrapped.data(), &size);
    module_->C_DestroyObject(handle_, object);
    expect(result, "wrap a key");
    wrapped.resize(size);
    return wrapped;
  }
  [[nodiscard]] Secret unwrap(CK_OBJECT_HANDLE kek, Bytes wrapped) {
    std::vector<CK_ATTRIBUTE> attributes = plain_key_attributes();
    CK_MECHANISM mechanism{CKM_AES_KEY_WRAP, nullptr, 0};
    CK_OBJECT_HANDLE object = 0;
    expect(module_->C_UnwrapKey(handle_, &mechanism, kek, const_cast<CK_BYTE_PTR>(wrapped.data()), wrapped.size(),
                                attributes.data(), attributes.size(), &object),
           "unwrap a key");
    Secret key(attribute(object, CKA_VALUE));
    module_->C_DestroyObject(handle_, object);
    if (key.size() == 0) throw Error(Kind::host, "PKCS#11: the token does not give the unwrapped key");
    return key;
  }

 private:
  /// An AES key that lives as long as the session and that we may read.
  static std::vector<CK_ATTRIBUTE> plain_key_attributes() {
    static const CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE type = CKK_AES;
    static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    return {attribute_of(CKA_CLASS, &object_class, sizeof object_class),
            attribute_of(CKA_KEY_TYPE, &type, sizeof type),
            attribute_of(CKA_TOKEN, &no, sizeof no),
            attribute_of(CKA_PRIVATE, &yes, sizeof yes),
            attribute_of(CKA_SENSITIVE, &no, sizeof no),
            attribute_of(CKA_EXTRACTABLE, &yes, sizeof yes)};
  }
  CK_FUNCTION_LIST* module_;
  CK_SESSION_HANDLE handle_ = 0;
};

CK_OBJECT_CLASS class_of(Pkcs11Kind kind) {
  switch (kind) {
    case Pkcs11Kind::private_key:
      return CKO_PRIVATE_KEY;
    case Pkcs11Kind::public_key:
      return CKO_PUBLIC_KEY;
    case Pkcs11Kind::secret_key:
      return CKO_SECRET_KEY;
  }
  return CKO_DATA;
}

const char* name_of(Pkcs11Kind kind) {
  return kind == Pkcs11Kind::private_key ? "private" : kind == Pkcs11Kind::public_key ? "public" : "secret";
}

}  // namespace

struct Pkcs11Token::State {
  State(Uri parsed, Pkcs11Access access, const ReadPinFile& read)
      : uri(std::move(parsed)),
        pin(read_pin(uri.get(), read)),
        modules(p11_kit_uri_get_module_path(uri.get())),
        token(find_token(modules, uri.get())),
        session(token, access) {
    if (pin) {
      session.login(CKU_USER, *pin);
    } else if (token.login_required) {
      throw Error(Kind::usage, "key: the token wants a PIN, wanted ?pin-source=file:PATH in its URI");
    }
  }
  Uri uri;
  std::optional<Secret> pin;
  Modules modules;
  Token token;
  Session session;
};

Pkcs11Token::Pkcs11Token(const std::string& uri, const ReadPinFile& read_pin, Pkcs11Access access)
    : state_(std::make_unique<State>(parse_uri(uri), access, read_pin)) {}
Pkcs11Token::~Pkcs11Token() = default;

Pkcs11Token::Object Pkcs11Token::find_named(Pkcs11Kind kind) {
  const CK_OBJECT_CLASS object_class = class_of(kind);
  std::vector<CK_ATTRIBUTE> wanted{attribute_of(CKA_CLASS, &object_class, sizeof object_class)};
  for (const CK_ATTRIBUTE_TYPE type : {CKA_ID, CKA_LABEL})
    if (const CK_ATTRIBUTE* given = p11_kit_uri_get_attribute(state_->uri.get(), type)) wanted.push_back(*given);
  const std::vector<CK_OBJECT_HANDLE> found = state_->session.find(std::move(wanted));
  if (found.size() == 1) return found.front();
  throw Error(Kind::failure, std::string("PKCS#11: the key's URI fits ") + (found.empty() ? "no" : "several") + " " +
                                 name_of(kind) + " keys of the token, wanted one; name it with object= or id=");
}

std::vector<Pkcs11Token::Object> Pkcs11Token::find(Pkcs11Kind kind, unsigned long attribute_type, Bytes value) {
  const CK_OBJECT_CLASS object_class = class_of(kind);
  return state_->session.find({attribute_of(CKA_CLASS, &object_class, sizeof object_class),
                               attribute_of(attribute_type, value.data(), value.size())});
}

Buffer Pkcs11Token::attribute(Object object, unsigned long type) {
  return state_->session.attribute(object, type);
}

bool Pkcs11Token::flag(Object object, unsigned long type) {
  const Buffer value = attribute(object, type);
  return !value.empty() && value[0] != 0;
}

std::optional<unsigned long> Pkcs11Token::number(Object object, unsigned long type) {
  const Buffer value = attribute(object, type);
  unsigned long number = 0;
  if (value.size() != sizeof number) return std::nullopt;
  std::memcpy(&number, value.data(), sizeof number);
  return number;
}

Buffer Pkcs11Token::named(unsigned long type) const {
  const CK_ATTRIBUTE* const given = p11_kit_uri_get_attribute(state_->uri.get(), type);
  if (given == nullptr) return {};
  const auto* const value = static_cast<const std::uint8_t*>(given->pValue);
  return {value, value + given->ulValueLen};
}

bool Pkcs11Token::can(unsigned long mechanism, unsigned long flag) {
  const auto& [module, slot, login] = state_->token;
  CK_ULONG count = 0;
  expect(module->C_GetMechanismList(slot, nullptr, &count), "list mechanisms");
  std::vector<CK_MECHANISM_TYPE> all(count);
  expect(module->C_GetMechanismList(slot, all.data(), &count), "list mechanisms");
  CK_MECHANISM_INFO info{};
  return std::ranges::find(all, mechanism) != all.end() &&
         module->C_GetMechanismInfo(slot, mechanism, &info) == CKR_OK && (info.flags & flag) != 0;
}

Buffer Pkcs11Token::sign(Object key, unsigned long mechanism, Bytes text) {
  const bool again = flag(key, CKA_ALWAYS_AUTHENTICATE) && state_->pin;
  return state_->session.sign(key, mechanism, text, again ? &*state_->pin : nullptr);
}

Pkcs11Token::KeyPair Pkcs11Token::generate(const Pkcs11KeyTemplate& wanted) {
  return state_->session.generate(wanted);
}

Pkcs11Token::Object Pkcs11Token::generate_wrapping_key(const std::string& label, Bytes id) {
  return state_->session.generate_wrapping_key(label, id);
}

void Pkcs11Token::destroy(Object object) {
  state_->session.destroy(object);
}

Buffer Pkcs11Token::wrap_aes(Object kek, Bytes key) {
  return state_->session.wrap(kek, key);
}

Secret Pkcs11Token::unwrap_aes(Object kek, Bytes wrapped) {
  return state_->session.unwrap(kek, wrapped);
}

}  // namespace base
