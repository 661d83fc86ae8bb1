package jobs

import (
	"context"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/bateia/bateia/pipeline/postgres"
	"github.com/bateia/bateia/schemas"
)

// expireBatch is how many imports lose a part of their history in one transaction.
const expireBatch = 100

// purgeHistory removes what each account keeps no longer, once a day of the account.
// What a process that died left is done by the next one: the day is noted at the
// end.
func (s *Service) purgeHistory(ctx context.Context, now time.Time) error {
	accounts, err := s.db.Accounts(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, account := range accounts {
		local := now.In(account.Location())
		today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
		last, err := s.db.PurgedOn(ctx, account.ID)
		if err != nil {
			return err
		}
		if !last.Before(today) {
			continue
		}
		// One account's trouble is not that of the others.
		if err := s.purgeAccount(ctx, account, now); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, s.db.SetPurged(ctx, account.ID, today))
	}
	return errors.Join(errs...)
}

func (s *Service) purgeAccount(ctx context.Context, account schemas.Account, now time.Time) error {
	for _, part := range schemas.KeepParts {
		before, some := account.Kept(part, now)
		if !some {
			continue
		}
		var err error
		switch part {
		case schemas.KeepPlans: // by purgePlans
		case schemas.KeepResults, schemas.KeepReports:
			err = s.expireDays(ctx, account, part, before)
		default:
			err = s.expireImports(ctx, account, part, before)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// expireImports removes a part of the history of imports: months that every account
// is done with as a whole, the rest import by import.
func (s *Service) expireImports(ctx context.Context, account schemas.Account, part string, before time.Time) error {
	if _, err := s.db.ExpireMonths(ctx, account.ID, part, before); err != nil {
		return err
	}
	for more := true; more; {
		list, err := s.db.ExpiredImports(ctx, account.ID, part, before, expireBatch)
		if err != nil {
			return err
		}
		more = len(list) == expireBatch
		ids := make([]schemas.ImportID, len(list))
		for n, i := range list {
			ids[n] = i.ID
			if part != schemas.KeepUploads {
				continue
			}
			if err := s.expireUpload(ctx, account, i, before); err != nil {
				return err
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if err := s.db.Expire(ctx, account.ID, part, ids); err != nil {
			return err
		}
	}
	return nil
}

// expireUpload removes the file of an import, unless a younger import reads it too.
// The drop stays known: the same file is no new one.
func (s *Service) expireUpload(ctx context.Context, account schemas.Account, i postgres.ExpiredImport, before time.Time) error {
	o := i.Object
	ours := strings.HasPrefix(o.Key, uploads+account.Slug+"/") || strings.HasPrefix(o.Key, "imports/"+account.Slug+"/")
	if !ours || o.Bucket != s.cfg.Store.Bucket() {
		return nil
	}
	read, err := s.db.ReadLater(ctx, account.ID, o, before)
	if err != nil || read {
		return err
	}
	versions, err := s.cfg.Store.Versions(ctx, o.Key)
	if err != nil {
		return storeError(err)
	}
	for _, v := range versions {
		if v.Marker || v.ETag != o.ETag || v.VersionID != o.VersionID {
			continue
		}
		if err := s.cfg.Store.DeleteVersion(ctx, o.Key, v.ID); err != nil {
			return storeError(err)
		}
	}
	return nil
}

// expireDays removes results or datasets whose day is before a time. The names of
// results begin with their local time, datasets lie in a folder by day.
func (s *Service) expireDays(ctx context.Context, account schemas.Account, part string, before time.Time) error {
	prefix, day := "results/"+account.Slug+"/", func(key string) string { return path.Base(key) }
	if part == schemas.KeepReports {
		of := "/account=" + account.Slug + "/date="
		prefix, day = "reports/", func(key string) string {
			_, after, _ := strings.Cut(key, of)
			return after
		}
	}
	_, err := s.cfg.Store.EraseBelow(ctx, prefix, func(key string) bool {
		text := day(key)
		if len(text) < len(time.DateOnly) {
			return false
		}
		at, err := time.ParseInLocation(time.DateOnly, text[:len(time.DateOnly)], account.Location())
		return err == nil && at.Before(before)
	})
	if err != nil {
		return storeError(err)
	}
	return nil
}
