// What leaves a job: by its ports, to where there is room, until its server is free.
#include "core/flow/engine/engine.hpp"

namespace retwin {

void Engine::add_output(Index index, Index lot, std::uint16_t port) {
  Server& server = s_.servers[index];
  const Station& spec = p_.stations[station_of(index)];
  Lot& l = s_.lots[lot];
  l.holder = index;
  l.port = port;
  if (!(server.flags & flag_reserved)) l.target = none;
  s_.outputs[s_.server_port[index] + port].push_back(s_.lots, lot);
  ++server.outputs;
  s_.accounts.stations[station_of(index)].content.add(s_.now, 1);
  count_port(spec.first_port + port, lot);
}

/// A lot leaves a job through a port, counted among all ports of the plant.
void Engine::count_port(std::size_t port, Index lot) {
  s_.accounts.port_lots[port] += 1;
  double* const kg = s_.accounts.port_kg.data() + port * p_.n_components;
  for (std::size_t c = 0; c < p_.n_components; ++c) kg[c] += kg_of(lot)[c];
}

// Each port pushes its first lot; what is refused waits in the line of its target.
void Engine::push_outputs(Index index) {
  const Index station = station_of(index);
  const Station& spec = p_.stations[station];
  for (std::uint16_t port = 0; port < spec.ports.size(); ++port) {
    const std::size_t slot = s_.server_port[index] + port;
    while (s_.outputs[slot].head != none) {
      const Index lot = s_.outputs[slot].head;
      std::uint8_t& flags = s_.servers[index].flags;
      const bool promised = (flags & flag_reserved) != 0 && s_.lots[lot].target != none;
      flags &= static_cast<std::uint8_t>(promised ? ~flag_reserved : 0xff);
      if (s_.lots[lot].target == none) {
        if (s_.lots[lot].choice != none || choose_later(index, lot, port)) break;
        s_.lots[lot].target = route_lot(lot, station, port);
      } else if (!promised) {
        break;  // it waits already
      }
      const Index target = s_.lots[lot].target;
      const Index next = s_.lots[lot].next;
      if (promised && !p_.is_sink(target)) {
        --s_.stations[target].reserved;
        if (!enter(lot, target)) enqueue(lot, target);
      } else if ((!p_.is_sink(target) && pulls_first(target)) || !enter(lot, target)) {
        wait_to_enter(lot, target);
        break;
      }
      s_.outputs[slot].head = next;
      if (next == none) s_.outputs[slot].tail = none;
      count_out(index);
    }
  }
  if (s_.servers[index].outputs == 0) outputs_done(index);
}

void Engine::count_out(Index index) {
  StationAccount& account = s_.accounts.stations[station_of(index)];
  if (s_.servers[index].outputs > 0) --s_.servers[index].outputs;
  account.content.add(s_.now, -1);
  ++account.lots_out;
}

// Takes a lot that is about to be admitted elsewhere out of the outputs of the server that holds it.
void Engine::detach_output(Index index, Index lot) {
  Server& server = s_.servers[index];
  if (server.outputs == 0) {
    server.job = none;  // of the hot path: the job itself waits
  } else {
    s_.outputs[s_.server_port[index] + s_.lots[lot].port].pop_front(s_.lots);
  }
  count_out(index);
}

// A lot of this server has been admitted where it waited: the next of its port tries or stands in line at once, or the server is free.
void Engine::output_left(Index index) {
  if (s_.servers[index].outputs == 0) {
    outputs_done(index);
  } else {
    push_outputs(index);
  }
}

void Engine::outputs_done(Index index) {
  Server& server = s_.servers[index];
  const Station& spec = p_.stations[station_of(index)];
  if (spec.changeover.given()) {
    server.stage = Stage::changeover;
    server.remaining = -1;
    server.flags &= static_cast<std::uint8_t>(~flag_suspended);
    begin_phase(index);
    return;
  }
  make_idle(index);
}

}  // namespace retwin
