// A PKCS#11 module for tests: SoftHSM, but every key it makes is extractable, whatever was asked, and it has
// public keys in the other forms that tokens are known to have them in: points without an OCTET STRING around them,
// Ed25519's curve by its name.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/software_token.h"

namespace {

CK_FUNCTION_LIST* softhsm() {
  static CK_FUNCTION_LIST* const functions = [] {
    CK_FUNCTION_LIST* list = nullptr;
    void* const library = ::dlopen(tests::softhsm_library().c_str(), RTLD_NOW);
    void* const get = library == nullptr ? nullptr : ::dlsym(library, "C_GetFunctionList");
    if (get != nullptr) reinterpret_cast<CK_C_GetFunctionList>(get)(&list);
    return list;
  }();
  return functions;
}

std::vector<CK_ATTRIBUTE> lax(CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
  static CK_BBOOL yes = CK_TRUE;
  std::vector<CK_ATTRIBUTE> all(wanted, wanted + count);
  for (CK_ATTRIBUTE& attribute : all)
    if (attribute.type == CKA_EXTRACTABLE) attribute.pValue = &yes;
  return all;
}

CK_RV generate_key(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR wanted, CK_ULONG count,
                   CK_OBJECT_HANDLE_PTR key) {
  std::vector<CK_ATTRIBUTE> made = lax(wanted, count);
  return softhsm()->C_GenerateKey(session, mechanism, made.data(), made.size(), key);
}

CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR for_public,
                        CK_ULONG public_count, CK_ATTRIBUTE_PTR for_private, CK_ULONG private_count,
                        CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key) {
  std::vector<CK_ATTRIBUTE> made = lax(for_private, private_count);
  return softhsm()->C_GenerateKeyPair(session, mechanism, for_public, public_count, made.data(), made.size(),
                                      public_key, private_key);
}

/// The other form of a value; its own where there is none.
std::string other_form(CK_ATTRIBUTE_TYPE type, std::string value) {
  if (type == CKA_EC_POINT && value.starts_with(std::string{4, static_cast<char>(value.size() - 2)})) value.erase(0, 2);
  if (type == CKA_EC_PARAMS && value == "\x06\x03\x2b\x65\x70") value = std::string("\x13\x0c") + "edwards25519";
  return value;
}

/// Of one attribute at a time.
CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR wanted, CK_ULONG count) {
  const bool odd = count == 1 && (wanted->type == CKA_EC_POINT || wanted->type == CKA_EC_PARAMS);
  if (!odd) return softhsm()->C_GetAttributeValue(session, object, wanted, count);
  std::string value(256, '\0');
  CK_ATTRIBUTE whole{wanted->type, value.data(), value.size()};
  const CK_RV result = softhsm()->C_GetAttributeValue(session, object, &whole, 1);
  if (result != CKR_OK) return result;
  value.resize(whole.ulValueLen);
  value = other_form(wanted->type, std::move(value));
  if (wanted->pValue != nullptr) {
    if (wanted->ulValueLen < value.size()) return CKR_BUFFER_TOO_SMALL;
    std::copy(value.begin(), value.end(), static_cast<char*>(wanted->pValue));
  }
  wanted->ulValueLen = value.size();
  return CKR_OK;
}

}  // namespace

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  static CK_FUNCTION_LIST ours;
  if (softhsm() == nullptr) return CKR_GENERAL_ERROR;
  ours = *softhsm();
  ours.C_GetFunctionList = C_GetFunctionList;
  ours.C_GenerateKey = generate_key;
  ours.C_GenerateKeyPair = generate_key_pair;
  ours.C_GetAttributeValue = get_attribute_value;
  *list = &ours;
  return CKR_OK;
}
