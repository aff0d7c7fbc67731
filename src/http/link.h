#pragma once

namespace ferry::http {

// A node of a circular, doubly linked list that owns nothing: an object that is a Link leaves the
// list by itself when it ends, and a list's head is a Link too. One thread.
class Link {
 public:
  Link() = default;
  ~Link() { unlink(); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Of a head: whether anything is in its list.
  bool linked() const { return next_ != this; }
  Link* next() { return next_; }

  void unlink() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = this;
  }

  // Leaves the list it is in and becomes the last of `head`'s.
  void join(Link& head) {
    unlink();
    previous_ = head.previous_;
    next_ = &head;
    previous_->next_ = this;
    head.previous_ = this;
  }

 private:
  Link* next_ = this;
  Link* previous_ = this;
};

}  // namespace ferry::http
