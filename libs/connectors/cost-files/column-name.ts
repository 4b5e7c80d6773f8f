/** Localised column names that stand alone, by the name that Azure's documents use. Both in lower case. */
const LOCALISED: ReadonlyMap<string, string> = new Map([
  ['abonnement-guid', 'subscriptionguid'],
  ['abonnement-id', 'subscriptionid'],
  ['abonnementname', 'subscriptionname'],
  ['abrechnungskonto-id', 'billingaccountid'],
  ['abrechnungswährung', 'billingcurrency'],
  ['währung', 'currency'],
  ['startdatum des abrechnungszeitraums', 'billingperiodstartdate'],
  ['datum', 'date'],
  ['nutzungsdatum', 'usagedatetime'],
  ['kosten', 'cost'],
  ['kosten in abrechnungswährung', 'costinbillingcurrency'],
  ['kosten vor steuern', 'pretaxcost'],
  ['kategorie der verbrauchseinheit', 'metercategory'],
  ['dienstname', 'servicename'],
  ['ressourcengruppe', 'resourcegroup'],
  ['ressourcenstandort', 'resourcelocation'],
  ['ressourcen-id', 'resourceid'],
  ['instanz-id', 'instanceid'],
  ['gebührentyp', 'chargetype'],
  ['preismodell', 'pricingmodel'],
  ['herausgebertyp', 'publishertype'],
]);

/** `Ressourcengruppe (ResourceGroup)`: the portal's localised files often name the column twice. */
const WITH_ENGLISH_NAME = /^.+ \(([A-Za-z]+)\)$/;

/** The name of a column, in lower case and as Azure's documents have it, whatever the language of the file. */
export function columnName(written: string): string {
  const name = written.trim();
  const english = WITH_ENGLISH_NAME.exec(name)?.[1];
  const lower = (english ?? name).toLowerCase();
  return LOCALISED.get(lower) ?? lower;
}
