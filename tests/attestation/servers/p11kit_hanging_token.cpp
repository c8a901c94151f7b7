#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

// SoftHSM with a gate, for a program that has this library preloaded: while there is a FIFO where HANGING_TOKEN_GATE
// says, neither a login nor the use of a key returns before whoever has the FIFO open for writing closes it. p11-kit
// takes no configuration of the user's from root, so this stands in for SoftHSM where it is loaded.

namespace {

using Open = void* (*)(const char*, int);

void* really_open(const char* path, int flags) {
  static const Open open = reinterpret_cast<Open>(dlsym(RTLD_NEXT, "dlopen"));
  return open(path, flags);
}

CK_FUNCTION_LIST* softhsm = nullptr;
CK_FUNCTION_LIST list;

void pass_gate() {
  const char* const gate = std::getenv("HANGING_TOKEN_GATE");
  const int fifo = gate != nullptr ? ::open(gate, O_RDONLY | O_CLOEXEC) : -1;
  if (fifo < 0) return;
  char byte = 0;
  while (::read(fifo, &byte, 1) > 0) {
  }
  ::close(fifo);
}

CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG size) {
  pass_gate();
  return softhsm->C_Login(session, user, pin, size);
}

CK_RV wrap(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE with, CK_OBJECT_HANDLE key,
           CK_BYTE* wrapped, CK_ULONG* size) {
  pass_gate();
  return softhsm->C_WrapKey(session, mechanism, with, key, wrapped, size);
}

CK_RV unwrap(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE with, CK_BYTE* wrapped, CK_ULONG size,
             CK_ATTRIBUTE* attributes, CK_ULONG count, CK_OBJECT_HANDLE* key) {
  pass_gate();
  return softhsm->C_UnwrapKey(session, mechanism, with, wrapped, size, attributes, count, key);
}

}  // namespace

extern "C" {

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** to) {
  void* const library = really_open(std::getenv("HANGING_TOKEN_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return CKR_GENERAL_ERROR;
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (const CK_RV result = get(&softhsm); result != CKR_OK) return result;
  list = *softhsm;
  list.C_GetFunctionList = C_GetFunctionList;
  list.C_Login = login;
  list.C_WrapKey = wrap;
  list.C_UnwrapKey = unwrap;
  *to = &list;
  return CKR_OK;
}

void* dlopen(const char* path, int flags) {
  const bool token = path != nullptr && std::strstr(path, "softhsm") != nullptr;
  Dl_info own{};
  if (!token || dladdr(reinterpret_cast<void*>(&C_GetFunctionList), &own) == 0) return really_open(path, flags);
  return really_open(own.dli_fname, flags);
}
}
