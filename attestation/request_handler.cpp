#include "attestation/request_handler.h"

namespace attestation {

void RequestHandler::dropped(const std::string&, const std::string&) {}

Response completed(Answer answer) {
  const auto* const pending = std::get_if<Pending>(&answer);
  if (pending == nullptr) return std::get<Response>(std::move(answer));
  std::exception_ptr problem;
  try {
    pending->work();
  } catch (...) {
    problem = std::current_exception();
  }
  return pending->finish(problem);
}

}  // namespace attestation
