// The table of words for the states of machines.
#include "core/telemetry/machines/classes.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace retwin {

const char* const state_class_names[n_state_classes] = {"working", "setup", "idle", "planned", "jam", "breakdown", "unknown"};

namespace {

struct Row {
  StateClass meaning;
  std::vector<std::string_view> stems;  ///< with "$": the whole word
};

/// In order of precedence.
const std::vector<Row> table = {
    {StateClass::breakdown, {"unplanned", "unscheduled", "ungeplant", "imprevu", "imprevist", "oplanera", "非计划"}},
    {StateClass::planned,
     {"planned",      "scheduled", "maint",   "wartung",  "instandhaltung", "geplant",  "entretien", "mantenimiento",
      "manutenzione", "underhall", "clean",   "reinig",   "nettoyage",      "limpieza", "pulizia",   "inspection",
      "shift",        "schicht",   "off$",    "offline",  "closed",         "holiday",  "weekend",   "pause",
      "break$",       "lunch",     "meeting", "training", "计划",           "保养",     "清洁",      "休息"}},
    {StateClass::jam,
     {"jam", "clog", "stau$", "verstopf", "bourrage", "atasco", "inceppa", "minorstop", "microstop", "minor stop", "micro stop",
      "short stop", "卡料", "堵"}},
    {StateClass::breakdown,
     {"down",    "fail",   "fault",          "breakdown", "broken",  "alarm", "error",   "repair", "defect",   "emergency",
      "estop",   "e stop", "out of service", "trip$",     "tripped", "stor$", "storung", "stoer",  "storfall", "gestort",
      "ausfall", "defekt", "fehler",         "reparatur", "notaus",  "panne", "defaut",  "depann", "fallo",    "averia",
      "guasto",  "avaria", "haveri",         "fel$",      "故障",    "报警",  "维修",    "异常"}},
    {StateClass::unknown, {"not$", "non$", "nonprod", "no$", "nicht", "kein", "未"}},
    {StateClass::setup,
     {"setup",    "set$",    "setting", "changeover",   "change$",  "toolchange", "prepar", "warmup",  "warm up",  "warming",
      "heatup",   "heat up", "heating", "startup",      "start up", "rust$",      "rusten", "ruesten", "rustzeit", "umrust",
      "einricht", "reglage", "cambio",  "attrezzaggio", "stall$",   "换型",       "换模",   "调试",    "准备",     "预热"}},
    {StateClass::idle,
     {"idle",  "idling", "starv",   "block",  "wait",   "standby", "stby",    "ready", "available", "lack", "leerlauf",
      "warte", "bereit", "attente", "espera", "attesa", "vanta",   "tomgang", "待机",  "空闲",      "等待"}},
    {StateClass::working, {"work",      "run",    "process", "produc",     "operat",   "cut",    "busy",    "active", "execut",
                           "machining", "mill",   "drill",   "press",      "weld",     "wash",   "load",    "unload", "auto",
                           "arbeit",    "lauf",   "betrieb", "produktion", "bearbeit", "marche", "travail", "march",  "trabaj",
                           "lavor",     "drift$", "korning", "arbet",      "运行",     "生产",   "加工",    "工作"}},
};

/// Lower case; Latin letters without their accents (U+00C0 ... U+00FF); what is neither letter, digit nor beyond is a blank; a
/// blank also before a capital that follows a small letter.
std::string folded(std::string_view name) {
  static constexpr char plain[] = "aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";
  std::string text = " ";
  bool small = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(name[i]);
    bool capital = c >= 'A' && c <= 'Z';
    if (c == 0xC3 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) >= 0x80) {
      const unsigned at = static_cast<unsigned char>(name[++i]) - 0x80u;
      capital = at < 0x1F;
      c = static_cast<unsigned char>(plain[at & 0x3F]);
    } else if (capital) {
      c = static_cast<unsigned char>(c + ('a' - 'A'));
    }
    const bool letter = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (capital && small) text += ' ';
    text += letter ? static_cast<char>(c) : ' ';
    small = letter && !capital;
  }
  return text + ' ';
}

bool has(const std::string& text, std::string_view stem) {
  if (static_cast<unsigned char>(stem.front()) >= 0x80) return text.find(stem) != std::string::npos;  // no blanks between words
  std::string wanted = " " + std::string(stem);
  if (wanted.back() == '$') wanted.back() = ' ';
  return text.find(wanted) != std::string::npos;
}

}  // namespace

StateClass class_of_state(std::string_view name) {
  const std::string text = folded(name);
  for (const Row& row : table)
    if (std::any_of(row.stems.begin(), row.stems.end(), [&](std::string_view stem) { return has(text, stem); }))
      return row.meaning;
  return StateClass::unknown;
}

}  // namespace retwin
