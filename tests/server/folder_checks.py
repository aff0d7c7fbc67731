"""The data folder: backup, restore, damage, versions, and a disk that is full."""

import contextlib
import glob
import os
import shutil
import sqlite3
import subprocess
import threading
import time

from bed import Skip, check, expect, expect_equal, expect_in, wait_until

SMALL_JOURNAL = ("--storage.journal_segment_bytes", "1MB", "--storage.journal_bytes_max", "16MB")


class Load:
    """Publishers in the background; every fourth message waits for an hour."""

    def __init__(self, server, url, publishers=3):
        self.delayed, self.immediate, self.failures, self.stopped = [], [], [], False
        self.threads = [threading.Thread(target=self.publish, args=(server, url, number), daemon=True)
                        for number in range(publishers)]
        for thread in self.threads:
            thread.start()

    def publish(self, server, url, number):
        count = 0
        while not self.stopped:
            count += 1
            try:
                if count % 4 == 0:
                    self.delayed.append(server.publish(f"{url}/{number}", headers={"Upstash-Delay": "1h"}))
                else:
                    self.immediate.append(server.publish(f"{url}/{number}"))
            except (AssertionError, OSError) as failure:
                self.failures.append(str(failure))
            time.sleep(0.002)

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


def expect_sound(server):
    done = server.cli("check")
    expect_equal(done.returncode, 0, "ferry check: " + done.stdout + done.stderr)


def expect_damage_named(server, file):
    done = server.cli("check")
    expect_equal(done.returncode, 1, "exit code of ferry check: " + done.stdout)
    expect_in(os.path.basename(file), done.stdout + done.stderr, "ferry check")


def flip(path, offset, count):
    with open(path, "r+b") as file:
        file.seek(offset)
        flipped = bytes(byte ^ 0xFF for byte in file.read(count))
        file.seek(offset)
        file.write(flipped)


def fill(server, count, body=b"x" * 2000):
    for _ in range(count):
        server.publish("http://127.0.0.1:1/", body, {"Upstash-Delay": "1h"})


@check
def a_backup_under_load_restores_every_message_acknowledged_before_it(bed):
    receiver, server = bed.receiver(), bed.server().start()
    load = Load(server, receiver.url)
    wait_until(lambda: len(load.delayed) > 50 and len(load.immediate) > 150, "there is load")
    delayed, immediate = list(load.delayed), list(load.immediate)
    done = server.cli("backup", bed.path("backup"))
    expect_equal(done.returncode, 0, "ferry backup: " + done.stderr)
    load.stop()
    expect_equal(load.failures, [], "failures of the load")
    server.kill()

    restored = bed.server(name="restored")
    done = restored.cli("restore", bed.path("backup"))
    expect_equal(done.returncode, 0, "ferry restore: " + done.stderr)
    restored.start()
    for message in delayed:
        answer = restored.call("GET", "/v2/messages/" + message)
        expect_equal(answer.status, 200, f"the delayed message {message}")
        expect_equal(restored.states(message), ["CREATED"], f"events of {message}")
    for message in immediate:
        restored.wait_for_state(message, "DELIVERED")
        expect_equal(restored.states(message).count("CREATED"), 1, f"CREATED events of {message}")
    expect_equal(restored.stop(), 0, "exit code")
    expect_sound(restored)


@check
def a_backup_goes_into_an_empty_folder_only(bed):
    server = bed.server().start()
    os.mkdir(bed.path("backup"))
    open(bed.path("backup/something"), "w").close()
    done = server.cli("backup", bed.path("backup"))
    expect_equal(done.returncode, 1, "exit code")
    expect_in(bed.path("backup"), done.stderr, "what it says")
    expect_equal(os.listdir(bed.path("backup")), ["something"], "what is in the folder")


@check
def restoring_into_a_folder_that_is_not_empty_is_refused(bed):
    server = bed.server().start()
    fill(server, 3)
    expect_equal(server.cli("backup", bed.path("backup")).returncode, 0, "ferry backup")
    server.stop()
    done = server.cli("restore", bed.path("backup"))
    expect_equal(done.returncode, 1, "exit code")
    expect_in("is not empty", done.stderr, "what it says")
    expect_equal(server.pending(), 3, "pending of the folder as it was")


@check
def check_finds_a_clean_folder_sound_also_after_a_kill(bed):
    server = bed.server().start()
    fill(server, 50)
    server.kill()
    expect_sound(server)
    server.start()
    expect_equal(server.stop(), 0, "exit code")
    expect_sound(server)
    expect_equal(server.pending(), 50, "pending")


@check
def check_refuses_the_folder_of_a_running_server(bed):
    server = bed.server().start()
    done = server.cli("check")
    expect_equal(done.returncode, 1, "exit code")
    expect_in(str(server.process.pid), done.stderr, "what it says")


@check
def damage_in_the_middle_of_the_tables_is_found_by_check(bed):
    server = bed.server().start()
    fill(server, 300)
    expect_equal(server.stop(), 0, "exit code")
    state = os.path.join(server.folder, "state.db")
    middle = os.path.getsize(state) // 2 // 4096 * 4096
    flip(state, middle, 256)
    expect_damage_named(server, state)


@check
def a_server_refuses_damaged_tables_naming_the_file_and_what_to_do(bed):
    server = bed.server().start()
    fill(server, 300)
    expect_equal(server.stop(), 0, "exit code")
    state = os.path.join(server.folder, "state.db")
    # All but the first page, which names the store: whatever a start reads, it meets damage.
    for page in range(1, os.path.getsize(state) // 4096):
        flip(state, page * 4096, 256)
    expect_damage_named(server, state)
    said = server.expect_refusal()
    expect_in(state, said, "what the server says")
    expect_in("restore a backup", said, "what the server says")


@check
def a_journal_damaged_before_valid_records_is_refused_naming_the_file(bed):
    server = bed.server(*SMALL_JOURNAL).start()
    fill(server, 150)
    server.kill()
    segments = sorted(glob.glob(os.path.join(server.folder, "journal", "*.seg")))
    with open(segments[0], "rb") as file:
        used = len(file.read().rstrip(b"\0"))
    expect(used > 100_000, f"only {used} bytes of {segments[0]} are used")
    flip(segments[0], used // 2, 64)
    expect_damage_named(server, segments[0])
    said = server.expect_refusal()
    expect_in(segments[0], said, "what the server says")
    expect_in("restore a backup", said, "what the server says")


@check
def a_folder_of_a_newer_version_is_refused(bed):
    server = bed.server().start()
    fill(server, 3)
    expect_equal(server.stop(), 0, "exit code")
    state = os.path.join(server.folder, "state.db")
    with contextlib.closing(sqlite3.connect(state)) as tables:
        tables.execute("UPDATE meta SET value = value + 1 WHERE key = 'schema_version'")
        tables.commit()
    said = server.expect_refusal()
    expect_in(state, said, "what the server says")
    expect_in("newer version", said, "what the server says")
    expect_damage_named(server, state)


def expect_disk_refusal(answer):
    expect_equal(answer.status, 503, "status of a publish without disk")
    expect_equal(answer.headers["Ferry-Error-Code"], "disk_full", "Ferry-Error-Code")
    expect(answer.json()["error"], "an error text")
    expect(answer.headers["Retry-After"], "Retry-After")


@check
def without_disk_for_new_work_accepted_messages_are_still_delivered(bed):
    limit = 1 << 40  # the largest there is
    if shutil.disk_usage(bed.folder).free >= limit:
        raise Skip("more disk is free than the limit can be set to")
    receiver, server = bed.receiver(), bed.server().start("--storage.disk_free_bytes_min", "0")
    accepted = [server.publish(receiver.url + "/accepted", headers={"Upstash-Delay": "4s"})
                for _ in range(10)]
    expect_equal(server.stop(), 0, "exit code")
    server.start("--storage.disk_free_bytes_min", str(limit))
    before = server.pending()
    expect_disk_refusal(server.call("POST", f"/v2/publish/{receiver.url}/refused", b"x"))
    expect(server.pending() <= before, "a refused message was stored")
    for message in accepted:
        server.wait_for_state(message, "DELIVERED")
    expect_equal(server.pending(), 0, "pending")
    expect_equal(receiver.at("/refused"), [], "arrivals of the refused message")
    expect_equal(server.stop(), 0, "exit code")
    expect_sound(server)


@contextlib.contextmanager
def small_disk(bed, megabytes):
    """A file system of its own at the place of the data folder's parent."""
    place = bed.path("disk")
    os.mkdir(place)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", place],
                             capture_output=True, text=True) if shutil.which("mount") else None
    if mounted is None or mounted.returncode != 0:
        raise Skip("no file system can be mounted here: " + (mounted.stderr.strip() if mounted else "no mount"))
    try:
        yield place
    finally:
        for server in bed.servers:
            server.kill()
        subprocess.run(["umount", "-l", place], check=True)


def publish_until_refused(server, url, pace=0.0, most=3000):
    """The accepted ids, and the answer that was none; None when the connection broke instead."""
    accepted = []
    for _ in range(most):
        time.sleep(pace)  # free space is looked up four times a second
        try:
            answer = server.call("POST", f"/v2/publish/{url}", os.urandom(32 << 10), {"Upstash-Delay": "3s"})
        except OSError:
            return accepted, None
        if answer.status != 200:
            return accepted, answer
        accepted.append(answer.json()["messageId"])
    raise AssertionError(f"the disk is not full after {most} messages")


@check
def a_disk_that_fills_up_refuses_publishes_and_delivers_the_rest(bed):
    with small_disk(bed, 48) as place:
        receiver = bed.receiver()
        server = bed.server(*SMALL_JOURNAL, "--storage.disk_free_bytes_min", "16MB", name="disk/data")
        server.log_path = bed.path("log")
        server.start()
        accepted, answer = publish_until_refused(server, receiver.url + "/kept", pace=0.01)
        expect(answer is not None, "the server ended: " + server.output()[-500:])
        expect_disk_refusal(answer)
        expect(shutil.disk_usage(place).free > 0, "the reserve is used up")
        for message in accepted:
            server.wait_for_state(message, "DELIVERED")
        expect_equal(server.stop(), 0, "exit code")
        expect_sound(server)


@check
def a_disk_without_any_reserve_loses_nothing_acknowledged(bed):
    with small_disk(bed, 24) as place:
        receiver = bed.receiver()
        server = bed.server(*SMALL_JOURNAL, "--storage.disk_free_bytes_min", "0", name="disk/data")
        server.log_path = bed.path("log")
        server.start()
        accepted, answer = publish_until_refused(server, receiver.url + "/kept")
        if answer is not None:
            expect_equal(answer.status, 503, "status of a publish on a full disk")
        server.kill()
        subprocess.run(["mount", "-o", "remount,size=128m", place], check=True)
        server.start()
        for message in accepted:
            server.wait_for_state(message, "DELIVERED")
        expect_equal(server.stop(), 0, "exit code")
        expect_sound(server)
