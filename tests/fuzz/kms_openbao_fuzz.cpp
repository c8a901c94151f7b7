// room: kms
#include "base/error.h"
#include "kms/openbao_answers.h"

/// Whatever a server says is read or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Json body;
  try {
    body = kms::parse_openbao_body({data, size});
  } catch (const base::Error&) {
    return 0;
  }
  kms::openbao_request_id(body);
  kms::openbao_errors(body);
  const auto read = [&](auto parse) {
    try {
      parse(body);
    } catch (const base::Error&) {
      return;
    }
  };
  read(kms::parse_openbao_login);
  read(kms::parse_openbao_token);
  read(kms::parse_openbao_secret);
  read(kms::parse_openbao_guest_key);
  read(kms::parse_openbao_list);
  read(kms::parse_openbao_ciphertext);
  read(kms::parse_openbao_plaintext);
  return 0;
}
