#include "app/cli/client/completion.h"

#include <algorithm>
#include <array>
#include <vector>

#include "app/cli/client/client_commands.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

struct Word {
  std::string text;
  std::string prose;
  bool takes_value = false;
};

// A command by its path, and what may follow it.
struct Place {
  std::string path;  // "ferry queues pause"
  std::vector<Word> subcommands;
  std::vector<Word> flags;
};

std::string first_line(const std::string& prose) { return prose.substr(0, prose.find('\n')); }

// Inside single quotes, for all three shells: a quote itself is left out.
std::string quoted(std::string text) {
  std::erase(text, '\'');
  return "'" + text + "'";
}

void collect(const Command& command, const std::string& path, std::vector<Place>& places) {
  Place place{.path = path, .subcommands = {}, .flags = {}};
  for (const Command::LongFlag& flag : command.flags()) {
    place.flags.push_back({flag.name, first_line(flag.prose), flag.takes_value});
  }
  const std::vector<Command> subcommands = command.commands();
  for (const Command& subcommand : subcommands) {
    place.subcommands.push_back({subcommand.word(), first_line(subcommand.prose())});
  }
  places.push_back(std::move(place));
  for (const Command& subcommand : subcommands) {
    collect(subcommand, path + " " + subcommand.word(), places);
  }
}

std::string joined(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

// bash: the longest path that is a command decides what may follow.
std::string bash_script(const std::string& name, const std::vector<Place>& places) {
  std::string cases;
  for (const Place& place : places) {
    cases += "    " + quoted(place.path) + ") subcommands=" + quoted(joined(place.subcommands)) +
             " flags=" + quoted(joined(place.flags)) + " ;;\n";
  }
  return "_" + name + "_words() {\n  case \"$1\" in\n" + cases +
         "    *) return 1 ;;\n  esac\n}\n"
         "_" +
         name +
         "() {\n"
         "  local path=" +
         name +
         " word subcommands= flags=\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    _" +
         name +
         "_words \"$path $word\" && path=\"$path $word\"\n"
         "  done\n"
         "  _" +
         name +
         "_words \"$path\"\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
         "  if [[ $current == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$flags\" -- \"$current\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -W \"$subcommands\" -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -o default -F _" +
         name + " " + name + "\n";
}

// A colon divides word and prose there.
std::string zsh_words(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += " " + quoted(word.text + ":" + word.prose);
  return text;
}

std::string zsh_script(const std::string& name, const std::vector<Place>& places) {
  std::string cases;
  for (const Place& place : places) {
    cases += "    " + quoted(place.path) + ") subcommands=(" + zsh_words(place.subcommands) +
             " ) flags=(" + zsh_words(place.flags) + " ) ;;\n";
  }
  return "#compdef " + name + "\n_" + name + "_words() {\n  case \"$1\" in\n" + cases +
         "    *) return 1 ;;\n  esac\n}\n"
         "_" +
         name +
         "() {\n"
         "  local route=" +
         name +
         " word\n"
         "  local -a subcommands flags\n"
         "  for word in ${words[2,CURRENT-1]}; do\n"
         "    _" +
         name +
         "_words \"$route $word\" && route=\"$route $word\"\n"
         "  done\n"
         "  _" +
         name +
         "_words \"$route\"\n"
         "  if [[ $PREFIX == -* ]]; then\n"
         "    _describe flag flags\n"
         "  elif (( $#subcommands )); then\n"
         "    _describe command subcommands\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "compdef _" +
         name + " " + name +
         "\n"
         "# Read from fpath, the file is the function's first call.\n"
         "[[ $funcstack[1] == _" +
         name + " ]] && _" + name + " \"$@\"\ntrue\n";
}

// fish: a line for each word, with the path that it may follow as its condition.
std::string fish_script(const std::string& name, const std::vector<Place>& places) {
  std::string lines;
  std::string paths;
  const std::string behind = "complete -c " + name + " -n \"__" + name + "_at ";
  for (const Place& place : places) {
    paths += " " + quoted(place.path);
    std::string start = behind;
    start.append(quoted(place.path)).append("\"");
    for (const Word& word : place.subcommands) {
      lines += start + " -f -a " + quoted(word.text) + " -d " + quoted(word.prose) + "\n";
    }
    for (const Word& word : place.flags) {
      lines += start + " -l " + quoted(word.text.substr(2)) + (word.takes_value ? " -r" : "") +
               " -d " + quoted(word.prose) + "\n";
    }
  }
  return "function __" + name +
         "_at\n"
         "  set -l paths" +
         paths +
         "\n"
         "  set -l route " +
         name +
         "\n"
         "  for word in (commandline -opc)[2..-1]\n"
         "    if contains -- \"$route $word\" $paths\n"
         "      set route \"$route $word\"\n"
         "    end\n"
         "  end\n"
         "  test \"$route\" = \"$argv[1]\"\n"
         "end\n" +
         lines;
}

}  // namespace

std::string completion_script(const Command& root, Shell shell) {
  std::vector<Place> places;
  const std::string name = root.word();
  collect(root, name, places);
  switch (shell) {
    case Shell::kBash:
      return bash_script(name, places);
    case Shell::kZsh:
      return zsh_script(name, places);
    case Shell::kFish:
      return fish_script(name, places);
  }
  return {};
}

void add_completion_command(Command ferry, const ClientPlacePtr& place) {
  Command completion = ferry.add_noun("completion", "Print a script for the shell's completion");
  constexpr std::pair<const char*, Shell> kShells[] = {
      {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};
  for (const auto& [word, shell] : kShells) {
    completion.add_command(word, std::string("For ") + word, [ferry, place, shell] {
      place->console.print(completion_script(ferry, shell));
      return kDone;
    });
  }
}

}  // namespace ferry::app::cli
