#include <algorithm>

#include "tenants/tenant_forms.h"

namespace tenants {
namespace {

using base::Json;

/// `none`, or what is read from a map.
Form<std::optional<Uplink>> uplink_form() {
  const Form<Uplink> bridge =
      object<Uplink>({required("name", &Uplink::name, name_form(), "An uplink of the site."),
                      required("address", &Uplink::address, interface_address_form(),
                               "The router's address there, with the network's length."),
                      required("gateway", &Uplink::gateway, ipv4_form(), "The next router there.")});
  const Form<Uplink> vlan =
      object<Uplink>({required("vlan", &Uplink::vlan, number_form<unsigned>(1, 4094), "A VLAN id.")});
  Json::Object schema{{"oneOf", Json::Array{Json::Object{{"const", "none"}}, bridge.schema, vlan.schema}}};
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            using Read = std::optional<std::optional<Uplink>>;
            if (node.kind == Node::Kind::scalar && node.text == "none") return Read(std::in_place, std::nullopt);
            if (node.kind != Node::Kind::map) {
              report_unexpected(node, path, "none, {name, address, gateway} or {vlan}", diagnostics);
              return Read();
            }
            const Form<Uplink>& form = node.find("vlan") != nullptr ? vlan : bridge;
            std::optional<Uplink> uplink = form.read(node, path, diagnostics);
            return uplink ? Read(std::in_place, std::move(uplink)) : Read();
          }};
}

bool is_pool(const std::string& word) {
  return word == "control" || word == "worker";
}

std::optional<FlowEnd> flow_end(const std::string& word, bool services_too) {
  FlowEnd end;
  if (is_pool(word)) {
    end.pool = word == "control" ? base::Pool::control : base::Pool::worker;
  } else if (word == "uplink") {
    end.kind = FlowEnd::Kind::uplink;
  } else if (word == "services" && services_too) {
    end.kind = FlowEnd::Kind::services;
  } else {
    const std::optional<Cidr> subnet = Cidr::parse(word);
    if (!subnet || subnet->first() != subnet->address) return std::nullopt;
    end.kind = FlowEnd::Kind::subnet;
    end.subnet = *subnet;
  }
  return end;
}

/// One end, or a list of pools.
Form<std::vector<FlowEnd>> flow_ends_form(bool services_too) {
  Json::Array words{"control", "worker", "uplink"};
  if (services_too) words.emplace_back("services");
  Json::Object one{{"anyOf", Json::Array{Json::Object{{"enum", std::move(words)}}, subnet_form(0, 32).schema}}};
  Json::Object pools{{"type", "array"}, {"minItems", 1}, {"maxItems", 2}};
  pools["items"] = Json::Object{{"enum", Json::Array{"control", "worker"}}};
  const std::string wanted = services_too
                                 ? "control, worker, a list of both, services, uplink or a subnet"
                                 : "control, worker, a list of both, uplink or a subnet (services only answer)";
  const auto read_one = [=](const Node& node, bool pools_only, const std::string& path, std::vector<FlowEnd>& ends,
                            base::Diagnostics& diagnostics) {
    std::optional<FlowEnd> end;
    if (node.kind == Node::Kind::scalar && (!pools_only || is_pool(node.text))) end = flow_end(node.text, services_too);
    if (!end) return report_unexpected(node, path, pools_only ? "control or worker" : wanted, diagnostics);
    end->where = node.where;
    ends.push_back(*end);
  };
  return {Json::Object{{"oneOf", Json::Array{std::move(one), std::move(pools)}}},
          [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::vector<FlowEnd> ends;
            if (node.kind == Node::Kind::list && (node.items.empty() || node.items.size() > 2)) {
              report_unexpected(node, path, wanted, diagnostics);
            }
            if (node.kind != Node::Kind::list) read_one(node, false, path, ends, diagnostics);
            for (const Node& item : node.items) read_one(item, true, path, ends, diagnostics);
            return ends.empty() ? std::nullopt : std::optional(std::move(ends));
          }};
}

void check_flow(const Flow& flow, const Node&, const std::string& path, base::Diagnostics& diagnostics) {
  const bool to_uplink =
      std::all_of(flow.to.begin(), flow.to.end(), [](const FlowEnd& end) { return end.kind == FlowEnd::Kind::uplink; });
  const auto is_a_pool = [](const FlowEnd& end) { return end.kind == FlowEnd::Kind::pool; };
  if (!to_uplink && (!flow.names.empty() || !flow.addresses.empty())) {
    const base::SourcePosition where = flow.names.empty() ? flow.addresses.front().where : flow.names.front().where;
    diagnostics.error(where, path + ": names and addresses narrow a flow to the uplink; this one goes elsewhere",
                      {{flow.to.front().where, "to here"}});
  }
  if (std::none_of(flow.from.begin(), flow.from.end(), is_a_pool) &&
      std::none_of(flow.to.begin(), flow.to.end(), is_a_pool)) {
    diagnostics.error(flow.from.front().where, path + ": expected a pool at one end at least",
                      {{flow.to.front().where, "the other end"}});
  }
}

}  // namespace

Form<std::vector<Network>> networks_form() {
  const Form<Network> network = object<Network>(
      {required("cidr", &Network::cidr, subnet_form(8, 29), "The subnet; distinct from every other tenant's."),
       optional("uplink", &Network::uplink, uplink_form(), "The way out; by default none.")});
  Json::Object schema{
      {"type", "object"}, {"additionalProperties", network.schema}, {"minProperties", 1}, {"maxProperties", 16}};
  schema["propertyNames"] = name_form().schema;
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::vector<Network> networks;
            if (node.kind != Node::Kind::map || node.members.empty() || node.members.size() > 16) {
              report_unexpected(node, path, "a map of 1 to 16 networks by name", diagnostics);
              return std::optional<std::vector<Network>>();
            }
            for (const Member& member : node.members) {
              const Node key = node_of_key(member);
              const std::optional<std::string> name = name_form().read(key, path, diagnostics);
              std::optional<Network> read =
                  network.read(member.value, path + "." + member.key.substr(0, 40), diagnostics);
              if (!name || !read) continue;
              read->name = {*name, member.where};
              networks.push_back(std::move(*read));
            }
            return std::optional(std::move(networks));
          }};
}

Form<Flow> flow_form() {
  const Form<std::vector<std::uint16_t>> ports = list_of(number_form<std::uint16_t>(1, 65535), 1, 64);
  return object<Flow>(
      {required("from", &Flow::from, flow_ends_form(false),
                "Who may start: a pool, a list of pools, `uplink` or a subnet behind it."),
       required("to", &Flow::to, flow_ends_form(true), "Who answers: as `from`, or `services`."),
       optional("tcp", &Flow::tcp, ports, "TCP ports."), optional("udp", &Flow::udp, ports, "UDP ports."),
       optional("icmp", &Flow::icmp, flag_form(), "Whether ICMP passes too."),
       optional("names", &Flow::names, list_of(located(dns_name_form()), 1, 64), "DNS names, to the uplink only."),
       optional("addresses", &Flow::addresses, list_of(located(subnet_form(0, 32)), 1, 64),
                "Subnets, to the uplink only.")},
      check_flow);
}

}  // namespace tenants
