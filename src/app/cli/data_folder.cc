// check, restore: of a data folder that no server has open.

#include <cstdio>
#include <memory>
#include <string>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/cli/folder_owner.h"
#include "app/cli/setting_flags.h"
#include "base/json_writer.h"
#include "store/embedded_store.h"

namespace ferry::app::cli {
namespace {

struct FolderFlags {
  SettingFlags settings;
  bool json = false;
  std::string backup;
};

void print_report(const store::CheckReport& checked) {
  std::printf("%llu journal records, %llu bytes, %d files\n",
              static_cast<unsigned long long>(checked.journal_records),
              static_cast<unsigned long long>(checked.journal_bytes), checked.files);
  for (const std::string& problem : checked.problems) std::printf("problem: %s\n", problem.c_str());
  std::puts(checked.problems.empty() ? "The data folder is sound." : "The data folder is damaged.");
}

void print_json(const store::CheckReport& checked) {
  JsonWriter json;
  json.begin_object()
      .field("journal_records", checked.journal_records)
      .field("journal_bytes", checked.journal_bytes)
      .field("files", checked.files)
      .key("problems")
      .begin_array();
  for (const std::string& problem : checked.problems) json.value(problem);
  json.end_array().end_object();
  std::puts(json.text().c_str());
}

int check(const FolderFlags& flags) {
  const auto settings = settings_from({}, flags.settings);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  if (auto owner = act_as_owner_of(settings->data_folder); !owner) return report(owner.error());
  const auto checked = store::check_folder(settings->data_folder);
  if (!checked) return report(checked.error());
  flags.json ? print_json(*checked) : print_report(*checked);
  return checked->problems.empty() ? kDone : kFailed;
}

int restore(const FolderFlags& flags) {
  const auto settings = settings_from({}, flags.settings);
  if (!settings) {
    report(settings.error());
    return kNotUnderstood;
  }
  if (auto restored = store::restore_folder(flags.backup, settings->data_folder); !restored) {
    return report(restored.error());
  }
  std::printf("The data folder %s is restored.\n", settings->data_folder.c_str());
  return kDone;
}

}  // namespace

void add_folder_commands(Command ferry) {
  const auto checked = std::make_shared<FolderFlags>();
  Command check_command = ferry.add_command("check", "Verify a data folder that no server has open",
                                            [checked] { return check(*checked); });
  add_setting_flag(check_command, checked->settings, "data");
  check_command.add_flag("--json", checked->json, "Print the report as JSON");

  const auto restored = std::make_shared<FolderFlags>();
  Command restore_command = ferry.add_command("restore", "Make an empty data folder of a backup",
                                              [restored] { return restore(*restored); });
  add_setting_flag(restore_command, restored->settings, "data");
  restore_command.add_option("backup", restored->backup, "Folder that `backup` made").required();
}

}  // namespace ferry::app::cli
