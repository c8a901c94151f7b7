#include <boost/beast/http.hpp>

#include "attestation/http_request.h"
#include "attestation/wire/kbs_messages.h"

namespace attestation {
namespace {

namespace http = boost::beast::http;

std::string text_of(boost::beast::string_view view) {
  return {view.data(), view.size()};
}

/// The value of one cookie in a Cookie header; "" when it is not there.
std::string cookie_value(std::string_view header, std::string_view name) {
  const std::string list = "; " + std::string(header);  // param_list only looks at it
  for (const auto& [key, value] : http::param_list(list)) {
    if (text_of(key) == name) return text_of(value);
  }
  return "";
}

}  // namespace

Request request_of(std::string_view method, std::string_view target, std::string_view cookies,
                   std::string_view authorization) {
  Request request{std::string(method), std::string(target.substr(0, target.find('?'))), "", "", "", ""};
  request.session = cookie_value(cookies, "kbs-session-id");
  if (authorization.starts_with("Bearer ")) request.bearer = authorization.substr(7);
  return request;
}

std::optional<Request> read_request(std::string_view bytes) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(wire::body_limit);
  parser.header_limit(header_limit);
  parser.eager(true);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error || !parser.is_done()) return std::nullopt;
  auto& message = parser.get();
  Request request = request_of(text_of(message.method_string()), text_of(message.target()),
                               text_of(message[http::field::cookie]), text_of(message[http::field::authorization]));
  request.body = std::move(message.body());
  return request;
}

}  // namespace attestation
