#pragma once
#include <cstdint>

/// Map keys and tags of CoRIM and CoMID. Source: draft-ietf-rats-corim-11, section 4 and 5.1 and section 11.
namespace measurement::labels {

inline constexpr std::uint64_t unsigned_corim_tag = 501, comid_tag = 506, exact_svn_tag = 552;
inline constexpr std::uint64_t outer_tags[] = {500, 502};  ///< of drafts before -03, around the others
inline constexpr std::uint64_t uuid_tag = 37;

inline constexpr int corim_id = 0, corim_tags = 1, corim_profile = 3;
inline constexpr int comid_identity = 1, comid_triples = 4;
inline constexpr int identity_tag = 0;
inline constexpr int reference_triples = 0, endorsement_series_triples = 8;
inline constexpr int environment_class = 0, class_vendor = 1, class_model = 2;
inline constexpr int measurement_key = 0, measurement_value = 1;
inline constexpr int value_svn = 1, value_digests = 2, value_serial = 8, value_name = 11;

inline constexpr int header_content_type = 3, header_key_id = 4, header_corim_meta = 8;
inline constexpr int meta_signer = 0, signer_name = 0;
inline constexpr const char* content_type = "application/rim+cbor";
inline constexpr const char* launch_measurement_profile = "tag:microsoft.com,2026:launch-measurement/v1";

}  // namespace measurement::labels
