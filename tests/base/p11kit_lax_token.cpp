// A PKCS#11 module for tests: SoftHSM, but every key pair it makes is extractable, whatever was asked.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

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

CK_RV generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR for_public,
                        CK_ULONG public_count, CK_ATTRIBUTE_PTR for_private, CK_ULONG private_count,
                        CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key) {
  CK_BBOOL yes = CK_TRUE;
  std::vector<CK_ATTRIBUTE> lax(for_private, for_private + private_count);
  for (CK_ATTRIBUTE& attribute : lax)
    if (attribute.type == CKA_EXTRACTABLE) attribute.pValue = &yes;
  return softhsm()->C_GenerateKeyPair(session, mechanism, for_public, public_count, lax.data(), lax.size(), public_key,
                                      private_key);
}

}  // namespace

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  static CK_FUNCTION_LIST ours;
  if (softhsm() == nullptr) return CKR_GENERAL_ERROR;
  ours = *softhsm();
  ours.C_GetFunctionList = C_GetFunctionList;
  ours.C_GenerateKeyPair = generate_key_pair;
  *list = &ours;
  return CKR_OK;
}
